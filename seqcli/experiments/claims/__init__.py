"""The guide's claims, and what each kind of result says of them."""
