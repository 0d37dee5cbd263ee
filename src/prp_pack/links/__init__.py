"""Whether the addresses that PRPs name still answer; what is asked over the network stays here."""
