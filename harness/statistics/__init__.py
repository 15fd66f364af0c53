"""Statistics of resampled scores."""
