//! What holds of every table of indicators, whatever the areas, measures, series and source notes:
//! each property over generated partnerships, through what the crate offers to others.

mod properties {
    mod arithmetic;
    mod disclosure;
    mod found;
    mod gate;
    mod notes;
    mod order;
    mod parts;
    mod scale;
    mod verdicts;
    mod world;
}
