"""What `test_websocket_integration` is made of: tables, messages, connections, checks."""
