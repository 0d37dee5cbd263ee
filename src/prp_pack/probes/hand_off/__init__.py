"""What a phase hands to the next: its contract, examples of it, its numbers, and who needs them."""
