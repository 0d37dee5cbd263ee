"""What `production_simulation` is made of: tables, compose file, engine, embedded runner."""
