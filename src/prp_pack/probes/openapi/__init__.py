"""Contracts of HTTP services, OpenAPI 3 and Swagger 2, as every script reads them."""
