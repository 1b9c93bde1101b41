"""What AWS Lambda does: functions in warm worker processes, with Lambda's context, time limit and errors."""
