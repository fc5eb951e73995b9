"""What strategies of the ecosystem import that this package needs for nothing else; `compat` leads them here."""
