"""Clients as others write them: `make test-clients` judges the OpenAPI documents and generates clients from them."""
