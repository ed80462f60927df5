"""The parts that the manifest page is made of."""
