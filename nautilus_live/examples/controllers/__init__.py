"""Controllers as a user writes them."""
