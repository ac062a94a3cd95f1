"""What buttons do to a finished picture: a part is painted anew, more is painted around it, or it
is drawn larger. All of it is image-to-image, on any model that can start from a picture."""
