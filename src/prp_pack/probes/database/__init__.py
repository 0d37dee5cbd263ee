"""What test_database_integration looks at in a database, one question a module."""
