"""Evidence (执法全过程记录): every fact of a service is a record that nobody can change without its showing."""
