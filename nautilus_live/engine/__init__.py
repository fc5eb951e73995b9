"""The shell: queues, timers and the parts that ask `core` what to do and then do it."""
