"""What memory_profile is made of: requests and samples, their trend, and where memory stays."""
