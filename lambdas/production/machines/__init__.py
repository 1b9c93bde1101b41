"""How large a production's machines are: their type, processors, memory and volume."""
