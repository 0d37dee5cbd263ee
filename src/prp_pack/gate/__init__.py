"""Run what a PRP says must be run, and keep what came out; only this part starts its commands."""
