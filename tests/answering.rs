//! What goes back to partners: marked-up copies, blank returns, letters.

mod blank;
mod letters;
mod marked_up;
