"""The deploy code, end to end, on emulators of AWS."""
