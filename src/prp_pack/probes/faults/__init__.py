"""What `test_error_scenarios` is made of: tables, the fault proxy, what is simulated and judged."""
