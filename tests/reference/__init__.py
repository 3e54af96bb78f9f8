"""Where expected values come from: MPFR, Eigen, and what TensorFlow printed. Never the code under test."""
