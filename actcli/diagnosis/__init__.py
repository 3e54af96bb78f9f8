"""What pre-activations tell about a network's gradients: measured columns, one layer of neurons, consecutive layers."""
