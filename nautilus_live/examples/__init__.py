"""Examples: strategies and execution algorithms as a user writes them, on the public interface alone."""
