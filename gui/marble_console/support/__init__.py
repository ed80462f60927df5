"""What somebody who helps has to know of this console, as a file that its owner has read before it is saved."""
