//! From text to a filter.

use std::iter::Peekable;
use std::str::CharIndices;

use regex::{Regex, RegexBuilder};

use super::{Filter, Fixed, Node, Operator, Selector, Step, Term};

/// Deeper than anybody writes, and far from where the stack ends.
const DEEPEST: usize = 50;

/// AWS takes 1024 characters.
const LONGEST: usize = 16 * 1024;

const LARGEST_REGEX: usize = 1 << 20;

/// Why a text is not a filter pattern for JSON events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// Something else should stand here.
    #[error("expected {expected} at byte {at} of the filter pattern")]
    Expected {
        /// What should.
        expected: &'static str,
        /// Where, in bytes from the beginning.
        at: usize,
    },
    /// Parentheses in parentheses without end.
    #[error("filter pattern is nested deeper than `{DEEPEST}`")]
    TooDeep,
    /// A pattern far longer than AWS accepts.
    #[error("filter pattern is longer than `{LONGEST}` bytes")]
    TooLong,
    /// A regular expression that is none.
    #[error("`{0}` is not a regular expression")]
    Regex(String),
}

/// Reads a filter pattern for JSON events, with its braces.
pub fn parse(pattern: &str) -> Result<Filter, FilterError> {
    if pattern.len() > LONGEST {
        return Err(FilterError::TooLong);
    }
    let mut parser = Parser { rest: pattern.char_indices().peekable(), end: pattern.len() };
    parser.demand('{', "`{`")?;
    let root = parser.any(0)?;
    parser.demand('}', "`}`")?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(Filter { root }),
        Some(_) => Err(parser.expected("the end")),
    }
}

/// Whether a character may stand in the name of a field that is not quoted.
pub(super) fn is_plain(symbol: char) -> bool {
    !symbol.is_whitespace() && !".[](){}=!<>&|\"'%*".contains(symbol)
}

struct Parser<'a> {
    rest: Peekable<CharIndices<'a>>,
    end: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|(_, symbol)| *symbol)
    }

    fn expected(&mut self, expected: &'static str) -> FilterError {
        FilterError::Expected { expected, at: self.rest.peek().map_or(self.end, |(at, _)| *at) }
    }

    fn skip_space(&mut self) {
        while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    fn take(&mut self, symbol: char) -> bool {
        self.rest.next_if(|(_, c)| *c == symbol).is_some()
    }

    fn demand(&mut self, symbol: char, name: &'static str) -> Result<(), FilterError> {
        self.skip_space();
        if self.take(symbol) { Ok(()) } else { Err(self.expected(name)) }
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.twice('|', "`||`")? {
            nodes.push(self.all(depth)?);
        }
        Ok(single(nodes, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.unit(depth)?];
        while self.twice('&', "`&&`")? {
            nodes.push(self.unit(depth)?);
        }
        Ok(single(nodes, Node::All))
    }

    fn twice(&mut self, symbol: char, name: &'static str) -> Result<bool, FilterError> {
        self.skip_space();
        if !self.take(symbol) {
            return Ok(false);
        }
        if self.take(symbol) { Ok(true) } else { Err(self.expected(name)) }
    }

    fn unit(&mut self, depth: usize) -> Result<Node, FilterError> {
        if depth >= DEEPEST {
            return Err(FilterError::TooDeep);
        }
        self.skip_space();
        if self.take('(') {
            let inner = self.any(depth + 1)?;
            self.demand(')', "`)`")?;
            return Ok(inner);
        }
        let selector = self.selector()?;
        self.skip_space();
        let operator = match self.peek() {
            Some('=') => {
                self.rest.next();
                Operator::Equal
            }
            Some('!') => {
                self.rest.next();
                if !self.take('=') {
                    return Err(self.expected("`!=`"));
                }
                Operator::NotEqual
            }
            Some('<') => {
                self.rest.next();
                if self.take('=') { Operator::LessOrEqual } else { Operator::Less }
            }
            Some('>') => {
                self.rest.next();
                if self.take('=') { Operator::GreaterOrEqual } else { Operator::Greater }
            }
            _ => return self.words(selector),
        };
        Ok(Node::Compare(selector, operator, self.term()?))
    }

    fn words(&mut self, selector: Selector) -> Result<Node, FilterError> {
        let first = self.word();
        self.skip_space();
        let second = self.word();
        match (first.as_str(), second.as_str()) {
            ("NOT", "EXISTS") => Ok(Node::NotExists(selector)),
            ("IS", "NULL") => Ok(Node::Is(selector, Fixed::Null)),
            ("IS", "TRUE") => Ok(Node::Is(selector, Fixed::True)),
            ("IS", "FALSE") => Ok(Node::Is(selector, Fixed::False)),
            _ => Err(self.expected("an operator")),
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some((_, letter)) = self.rest.next_if(|(_, c)| c.is_ascii_alphabetic()) {
            word.push(letter.to_ascii_uppercase());
        }
        word
    }

    fn selector(&mut self) -> Result<Selector, FilterError> {
        if !self.take('$') {
            return Err(self.expected("`(` or a selector that starts with `$`"));
        }
        let mut steps = Vec::new();
        loop {
            if self.take('.') {
                // `$.['name']` is written too
                if self.peek() == Some('[') {
                    continue;
                }
                let mut name = String::new();
                while let Some((_, symbol)) = self.rest.next_if(|(_, c)| is_plain(*c)) {
                    name.push(symbol);
                }
                if name.is_empty() {
                    return Err(self.expected("the name of a field"));
                }
                steps.push(Step::Field(name));
            } else if self.take('[') {
                self.skip_space();
                steps.push(self.bracketed()?);
                self.demand(']', "`]`")?;
            } else {
                return Ok(Selector(steps));
            }
        }
    }

    fn bracketed(&mut self) -> Result<Step, FilterError> {
        if self.take('*') {
            return Ok(Step::Every);
        }
        for quote in ['"', '\''] {
            if self.take(quote) {
                return Ok(Step::Field(self.until(quote)?));
            }
        }
        let mut digits = String::new();
        while let Some((_, digit)) = self.rest.next_if(|(_, c)| c.is_ascii_digit()) {
            digits.push(digit);
        }
        match digits.parse() {
            Ok(index) => Ok(Step::Index(index)),
            Err(_) => Err(self.expected("an index")),
        }
    }

    /// The text up to a closing quote; a backslash makes a quote, or another
    /// backslash, an ordinary character.
    fn until(&mut self, quote: char) -> Result<String, FilterError> {
        let mut text = String::new();
        while let Some((_, symbol)) = self.rest.next() {
            if symbol == quote {
                return Ok(text);
            }
            if symbol == '\\'
                && let Some((_, escaped)) = self.rest.next_if(|(_, c)| *c == quote || *c == '\\')
            {
                text.push(escaped);
            } else {
                text.push(symbol);
            }
        }
        Err(self.expected("a closing quote"))
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        self.skip_space();
        if self.take('"') {
            return Ok(Term::Quoted(self.until('"')?));
        }
        if self.take('%') {
            return self.regex().map(Term::Regex);
        }
        let mut text = String::new();
        while let Some((_, symbol)) = self.rest.next_if(|(_, c)| is_bare(*c)) {
            text.push(symbol);
        }
        if text.is_empty() {
            return Err(self.expected("a value"));
        }
        Ok(Term::Bare(text))
    }

    fn regex(&mut self) -> Result<Regex, FilterError> {
        let mut source = String::new();
        while let Some((_, symbol)) = self.rest.next() {
            match symbol {
                '%' => {
                    return RegexBuilder::new(&source)
                        .size_limit(LARGEST_REGEX)
                        .dfa_size_limit(LARGEST_REGEX)
                        .nest_limit(20)
                        .build()
                        .map_err(|_| FilterError::Regex(source));
                }
                '\\' => {
                    source.push(symbol);
                    source.extend(self.rest.next().map(|(_, escaped)| escaped));
                }
                other => source.push(other),
            }
        }
        Err(self.expected("a closing `%`"))
    }
}

fn is_bare(symbol: char) -> bool {
    !symbol.is_whitespace() && !"(){}=!<>&|\"%".contains(symbol)
}

fn single(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match (nodes.pop(), nodes.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            nodes.push(last);
            join(nodes)
        }
        (None, _) => join(nodes),
    }
}
