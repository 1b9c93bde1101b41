"""Objects of raw pictures, which dynamorse's cloud-store-in cuts into grains."""
