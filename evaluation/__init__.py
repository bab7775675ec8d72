"""Question sets, metrics and benchmarks: how good the whole is, measured the same way each time.

Looks at every room; no room looks at it.
"""
