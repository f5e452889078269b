"""The rule book: `book` what it is, `source` how it is read, `checks` what it must satisfy, `conditions` its CEL."""
