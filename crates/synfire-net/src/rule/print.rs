//! The canonical text of a rule: it parses back to an equal rule.
//!
//! A product is written as sign, mantissa, power of two, gate and factors in order; a mantissa of
//! one and an exponent of zero are left out, as is an added constant of zero.

use std::fmt;

use super::{Dependency, Factor, Product, Rule, Variable};

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (product_idx, product) in self.products().iter().enumerate() {
            if product_idx > 0 {
                f.write_str(if product.mantissa() < 0 { " - " } else { " + " })?;
                write_magnitude(product, f)?;
            } else {
                write!(f, "{product}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa() < 0 {
            f.write_str("-")?;
        }
        write_magnitude(self, f)
    }
}

/// Writes the product without its sign.
fn write_magnitude(product: &Product, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (product.mantissa().unsigned_abs(), product.exponent()) {
        (1, 0) => {}
        (1, exponent) => write!(f, "2^{exponent}*")?,
        (magnitude, 0) => write!(f, "{magnitude}*")?,
        (magnitude, exponent) => write!(f, "{magnitude}*2^{exponent}*")?,
    }
    write!(f, "{}", product.gate())?;
    for factor in product.factors() {
        write!(f, "*{factor}")?;
    }
    Ok(())
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Factor::X0 => f.write_str("x0"),
            Factor::Y0 => f.write_str("y0"),
            Factor::Sum { variable, constant: 0 } => write!(f, "{variable}"),
            Factor::Sum { variable, constant } => write!(f, "({variable}{constant:+})"),
            Factor::Sign { variable, constant: 0 } => write!(f, "sgn({variable})"),
            Factor::Sign { variable, constant } => write!(f, "sgn({variable}{constant:+})"),
        }
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dependency::X0 => f.write_str("x0"),
            Dependency::Y0 => f.write_str("y0"),
            Dependency::U(k) => write!(f, "u{k}"),
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Variable::X1 => "x1",
            Variable::X2 => "x2",
            Variable::Y1 => "y1",
            Variable::Y2 => "y2",
            Variable::Y3 => "y3",
            Variable::R0 => "r0",
            Variable::R1 => "r1",
            Variable::W => "w",
            Variable::D => "d",
            Variable::T => "t",
        })
    }
}
