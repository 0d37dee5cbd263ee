"""Run what a PRP says must be run, and keep what came out. The only part that starts its commands."""
