"""What load_test is made of: a plan, Locust that carries it out, a tally, and what follows."""
