"""Documents of older forms, brought to the form of the template that is shipped today."""
