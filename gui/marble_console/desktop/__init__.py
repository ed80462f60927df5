"""What the console asks of the desktop that it runs on: to hear of its lock and sleep, and to keep values out of recordings.

Each platform has its own way, and none may be there. Then the console goes on without, and the settings say so.
"""
