"""What must hold: scenarios as data, and the machine that runs them."""
