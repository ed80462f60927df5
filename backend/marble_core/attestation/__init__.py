"""Attestation: from the bytes of a quote to a verdict that explains itself (docs/attestation.md).

    report = verify(evidence, INTEL, at, Expectations(policy))

`evidence.Evidence` is what was seen, `evidence.Expectations` what it is judged by, `anchors.TrustAnchor` what the
operator chose to trust; `verify.verify` gives a `report.Report`. No I/O and no clock. A verification reports and never
raises; reading a quote, policy, collateral, evidence or report raises what `errors` names. `simulation` makes quotes
for coordinators without SGX. Nothing is imported here: a coordinator needs no verifier, and loading one takes time.
"""
