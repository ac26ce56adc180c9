"""From a photo or scan of handwriting to a Hand, without any network."""
