"""What a strategy author touches: strategies, actors, the order factory, and the trader that runs them."""
