"""What a phase promised to those who call it, and whether the service of today still keeps it.

`frozen` finds and reads contracts, `base` finds where their paths lie on the service, `traffic`
lets schemathesis ask, `judging` reads what came of it, `changes` compares two contracts.
"""
