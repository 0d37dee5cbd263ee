"""What proves that a PRP is done, and what an edit does to that proof."""
