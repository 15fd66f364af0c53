"""Keras callbacks that the harness adds to Keras' own."""
