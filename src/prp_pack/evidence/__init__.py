"""What was proven, when and on which tree: records, the ledger that chains them, their states."""
