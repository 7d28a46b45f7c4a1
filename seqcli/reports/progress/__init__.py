"""What is shown while work goes on."""
