"""The rule book: `book` its model, `loading` reads it, `checks` validates it, `conditions` compiles its CEL."""
