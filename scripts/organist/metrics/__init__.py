"""What the machines of a local cloud say of themselves: received, kept, shown live, summed up."""
