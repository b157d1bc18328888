//! Pages that are being drawn, the tree of what stands on them, and the ways through them.
//!
//! Whatever is text belongs to an element of the tree (ISO 32000-1, 14.7), so that a screen reader
//! reads it in its order; whatever only adorns is an artifact.

use super::fonts::Fonts;
use super::palette::{self, Colour, MARGIN, PAGE_HEIGHT};
use super::text::{Block, Line, Span, set};
use pdf_writer::types::ArtifactType;
use pdf_writer::types::StructRole;
use pdf_writer::{Content, Finish, Name, Rect, Settings, Str};
use std::io;

/// The place of a page in the order in which pages were begun.
pub(super) type PageId = usize;
/// The place of an element in the tree.
pub(super) type ElementId = usize;

/// An element of the tree.
pub(super) struct Element {
    pub role: StructRole,
    pub parent: Option<ElementId>,
    pub children: Vec<Child>,
    /// What a picture shows, in words.
    pub alternative: Option<String>,
    /// How many columns of a table it takes.
    pub columns: usize,
}

/// What an element holds.
pub(super) enum Child {
    Element(ElementId),
    /// Text on a page, by its number there.
    Text(PageId, i32),
    /// A link.
    Link(LinkId),
}

/// The place of a link among all.
pub(super) type LinkId = usize;

/// Where a link leads.
pub(super) enum Target {
    /// To a page of the provider's documentation.
    Address(String),
    /// To a height on a page.
    Place(PageId, f32),
}

/// A part of a page that leads elsewhere.
pub(super) struct Link {
    pub page: PageId,
    pub rect: Rect,
    pub target: Target,
    pub words: String,
    pub element: ElementId,
}

/// A line of the outline.
pub(super) struct Bookmark {
    /// From 1 for a chapter.
    pub level: usize,
    pub title: String,
    pub page: PageId,
    /// From the top of the page.
    pub y: f32,
}

/// A page.
pub(super) struct Page {
    pub content: Content,
    /// The element of each numbered text on it.
    pub texts: Vec<ElementId>,
    /// Whether it has head and foot; the cover has none.
    pub has_edges: bool,
}

/// A document that is being drawn.
pub(super) struct Document {
    pub fonts: Fonts,
    pub pages: Vec<Page>,
    pub elements: Vec<Element>,
    pub links: Vec<Link>,
    pub bookmarks: Vec<Bookmark>,
    open: Vec<ElementId>,
}

impl Document {
    /// An empty document.
    pub fn new() -> io::Result<Self> {
        let root = Element {
            role: StructRole::Document,
            parent: None,
            children: Vec::new(),
            alternative: None,
            columns: 1,
        };
        Ok(Self {
            fonts: Fonts::open()?,
            pages: Vec::new(),
            elements: vec![root],
            links: Vec::new(),
            bookmarks: Vec::new(),
            open: vec![0],
        })
    }

    /// Begins a page.
    pub fn begin_page(&mut self, has_edges: bool) -> PageId {
        let content = Content::with_settings(Settings { pretty: false });
        self.pages.push(Page { content, texts: Vec::new(), has_edges });
        self.pages.len() - 1
    }

    /// The page that is being drawn.
    pub fn current(&self) -> PageId {
        self.pages.len().saturating_sub(1)
    }

    /// Breaks text into lines.
    pub fn set(&mut self, spans: &[Span], width: f32, most: usize) -> Block {
        set(&mut self.fonts, spans, width, most)
    }

    /// Opens an element; what follows belongs to it until it is closed.
    pub fn open(&mut self, role: StructRole) -> ElementId {
        let parent = self.open.last().copied().unwrap_or(0);
        let id = self.elements.len();
        let (children, alternative) = (Vec::new(), None);
        self.elements.push(Element { role, parent: Some(parent), children, alternative, columns: 1 });
        self.add_child(parent, Child::Element(id));
        self.open.push(id);
        id
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    /// Goes on in an element that was closed before.
    pub fn reopen(&mut self, element: ElementId) {
        self.open.push(element);
    }

    /// Says in words what the open element shows.
    pub fn say(&mut self, words: String) {
        let open = self.open.last().copied().unwrap_or(0);
        if let Some(element) = self.elements.get_mut(open) {
            element.alternative = Some(words);
        }
    }

    /// Says how many columns of its table the open element takes.
    pub fn take_columns(&mut self, columns: usize) {
        let open = self.open.last().copied().unwrap_or(0);
        if let Some(element) = self.elements.get_mut(open) {
            element.columns = columns;
        }
    }

    fn add_child(&mut self, parent: ElementId, child: Child) {
        if let Some(element) = self.elements.get_mut(parent) {
            element.children.push(child);
        }
    }

    /// Draws lines as text of the open element, their top left corner at (`x`, `y`) from the top of
    /// the page.
    pub fn text(&mut self, block: &Block, lines: std::ops::Range<usize>, x: f32, y: f32) {
        let Some(lines) = block.lines.get(lines) else { return };
        self.marked(|content| draw_lines(content, block, lines, x, y));
    }

    /// Draws what belongs to the open element.
    pub fn marked(&mut self, draw: impl FnOnce(&mut Content)) {
        let page_id = self.current();
        let open = self.open.last().copied().unwrap_or(0);
        let (Some(page), Some(element)) = (self.pages.get_mut(page_id), self.elements.get_mut(open)) else {
            return;
        };
        let number = i32::try_from(page.texts.len()).unwrap_or(i32::MAX);
        page.texts.push(open);
        element.children.push(Child::Text(page_id, number));
        let mut mark = page.content.begin_marked_content_with_properties(element.role.to_name());
        mark.properties().identify(number);
        mark.finish();
        draw(&mut page.content);
        page.content.end_marked_content();
    }

    /// Draws what only adorns the page.
    pub fn artifact(&mut self, draw: impl FnOnce(&mut Content)) {
        let page = self.current();
        if let Some(page) = self.pages.get_mut(page) {
            page.content.begin_marked_content(Name(b"Artifact"));
            draw(&mut page.content);
            page.content.end_marked_content();
        }
    }

    /// Draws text that only adorns the page, such as a repeated table head.
    pub fn artifact_text(&mut self, block: &Block, x: f32, y: f32) {
        self.artifact(|content| draw_lines(content, block, &block.lines, x, y));
    }

    /// Draws a line of text in the head or foot of any page.
    pub fn edge_text(&mut self, page: PageId, block: &Block, x: f32, y: f32) {
        if let Some(page) = self.pages.get_mut(page) {
            let mut mark = page.content.begin_marked_content_with_properties(Name(b"Artifact"));
            mark.properties().artifact().kind(ArtifactType::Pagination);
            mark.finish();
            draw_lines(&mut page.content, block, &block.lines, x, y);
            page.content.end_marked_content();
        }
    }

    /// A thin line in the head or foot of any page.
    pub fn edge_line(&mut self, page: PageId, colour: Colour, y: f32) {
        if let Some(page) = self.pages.get_mut(page) {
            page.content.begin_marked_content(Name(b"Artifact"));
            colour.stroke(&mut page.content);
            page.content.set_line_width(0.5);
            page.content.move_to(MARGIN, PAGE_HEIGHT - y).line_to(MARGIN + palette::WIDTH, PAGE_HEIGHT - y);
            page.content.stroke().end_marked_content();
        }
    }

    /// Makes a part of the current page, `height` below `y`, lead elsewhere; it belongs to the open
    /// element, which is a link.
    pub fn link(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), target: Target, words: &str) {
        let element = self.open.last().copied().unwrap_or(0);
        let id = self.links.len();
        let top = PAGE_HEIGHT - y;
        let rect = Rect::new(x, top - height, x + width, top);
        let page = self.current();
        self.links.push(Link { page, rect, target, words: words.to_owned(), element });
        self.add_child(element, Child::Link(id));
    }

    /// Notes a heading for the outline and the table of contents.
    pub fn bookmark(&mut self, level: usize, title: &str, y: f32) {
        let page = self.current();
        self.bookmarks.push(Bookmark { level, title: title.to_owned(), page, y });
    }

    /// A thin line across the text.
    pub fn rule(&mut self, y: f32) {
        self.artifact(|content| {
            palette::LINE.stroke(content);
            content.set_line_width(0.6);
            content
                .move_to(MARGIN, PAGE_HEIGHT - y)
                .line_to(MARGIN + palette::WIDTH, PAGE_HEIGHT - y)
                .stroke();
        });
    }
}

fn draw_lines(content: &mut Content, block: &Block, lines: &[Line], x: f32, y: f32) {
    content.begin_text();
    let mut style = None;
    for (index, line) in lines.iter().enumerate() {
        let baseline = PAGE_HEIGHT - y - palette::float(index) * block.leading - block.baseline();
        for piece in &line.pieces {
            if style != Some(piece.style) {
                content.set_font(piece.style.face.resource(), piece.style.size);
                piece.style.colour.fill(content);
                style = Some(piece.style);
            }
            let bytes: Vec<u8> = piece.glyphs.iter().flat_map(|glyph| glyph.to_be_bytes()).collect();
            content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x + piece.x, baseline]);
            content.show(Str(&bytes));
        }
    }
    content.end_text();
}
