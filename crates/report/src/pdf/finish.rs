//! Writes a drawn document: pages in their order, the tree, the outline, the metadata.

use super::document::{Bookmark, Child, Document, Element, Link, PageId, Target};
use super::file::File;
use super::fonts::Face;
use super::palette::{PAGE_HEIGHT, PAGE_WIDTH};
use crate::xml::Xml;
use chrono::{DateTime, Datelike, Timelike, Utc};
use pdf_writer::types::{ActionType, AnnotationType, PageMode, StructRole, TabOrder};
use pdf_writer::writers::{Annotation, Catalog, DocumentInfo, Outline, OutlineItem, StructElement};
use pdf_writer::{Date, Name, Null, Rect, Ref, Str, TextStr};
use std::io;

/// What a document says of itself.
pub(super) struct Description {
    pub title: String,
    pub subject: String,
    /// The program and its version.
    pub producer: String,
    /// The end of the scan, so that the same report makes the same file.
    pub made: DateTime<Utc>,
}

/// The numbers of a document's objects.
struct Numbers {
    pages: Vec<Ref>,
    elements: Vec<Ref>,
    links: Vec<Ref>,
    bookmarks: Vec<Ref>,
}

/// Writes a document; `order` lists its pages as they follow each other.
pub(super) fn finish(
    document: &Document,
    order: &[PageId],
    description: &Description,
    file: &mut File<'_>,
) -> io::Result<(Ref, Ref)> {
    let mut some = |count: usize| (0..count).map(|_| file.number()).collect::<Vec<_>>();
    let numbers = Numbers {
        pages: some(document.pages.len()),
        elements: some(document.elements.len()),
        links: some(document.links.len()),
        bookmarks: some(document.bookmarks.len()),
    };
    let [catalog, information, tree, parents, outline, metadata, pages] = [(); 7].map(|()| file.number());
    let fonts = Face::ALL.map(|_| file.number());
    document.fonts.embed(fonts, file)?;
    write_pages(document, order, &numbers, fonts, pages, file)?;
    write_links(document, &numbers, file)?;
    write_elements(document, &numbers, tree, file)?;
    write_tree(document, &numbers, tree, parents, file)?;
    write_outline(&document.bookmarks, &numbers, outline, file)?;
    file.plain_stream(metadata, xmp(description).as_bytes(), |stream| {
        stream.pair(Name(b"Type"), Name(b"Metadata")).pair(Name(b"Subtype"), Name(b"XML"));
    })?;
    file.object(information, |object| {
        let mut information: DocumentInfo<'_> = object.start();
        information.title(TextStr(&description.title)).subject(TextStr(&description.subject));
        information.creator(TextStr(&description.producer)).producer(TextStr(&description.producer));
        information.creation_date(date(description.made));
    })?;
    file.object(catalog, |object| {
        let mut catalog: Catalog<'_> = object.start();
        catalog.pages(pages).outlines(outline).page_mode(PageMode::UseOutlines);
        catalog.lang(TextStr("en")).metadata(metadata);
        catalog.viewer_preferences().display_doc_title(true);
        catalog.mark_info().marked(true);
        catalog.pair(Name(b"StructTreeRoot"), tree);
    })?;
    Ok((catalog, information))
}

fn write_pages(
    document: &Document,
    order: &[PageId],
    numbers: &Numbers,
    fonts: [Ref; 3],
    root: Ref,
    file: &mut File<'_>,
) -> io::Result<()> {
    let kids: Vec<_> = order.iter().filter_map(|page| numbers.pages.get(*page).copied()).collect();
    file.object(root, |object| {
        let mut pages: pdf_writer::writers::Pages<'_> = object.start();
        pages.kids(kids.iter().copied()).count(number(kids.len()));
        pages.media_box(Rect::new(0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT));
        let mut resources = pages.resources();
        let mut named = resources.fonts();
        for (face, number) in Face::ALL.into_iter().zip(fonts) {
            named.pair(face.resource(), number);
        }
    })?;
    for (id, page) in document.pages.iter().enumerate() {
        let Some(own) = numbers.pages.get(id) else { continue };
        let content = file.number();
        let links = document.links.iter().zip(&numbers.links).filter(|(link, _)| link.page == id);
        let links: Vec<_> = links.map(|(_, number)| *number).collect();
        file.object(*own, |object| {
            let mut written: pdf_writer::writers::Page<'_> = object.start();
            written.parent(root).contents(content).struct_parents(number(id));
            written.tab_order(TabOrder::StructureOrder);
            if !links.is_empty() {
                written.annotations(links);
            }
        })?;
        file.stream(content, page.content.as_bytes(), |_| {})?;
    }
    Ok(())
}

fn write_links(document: &Document, numbers: &Numbers, file: &mut File<'_>) -> io::Result<()> {
    for (id, (Link { rect, target, words, .. }, own)) in document.links.iter().zip(&numbers.links).enumerate()
    {
        file.object(*own, |object| {
            let mut link: Annotation<'_> = object.start();
            link.subtype(AnnotationType::Link).rect(*rect).border(0.0, 0.0, 0.0, None);
            link.contents(TextStr(words)).struct_parent(number(document.pages.len() + id));
            match target {
                Target::Address(address) => {
                    link.action().action_type(ActionType::Uri).uri(Str(address.as_bytes()));
                }
                Target::Place(page, y) => {
                    if let Some(page) = numbers.pages.get(*page) {
                        destination(link.insert(Name(b"Dest")), *page, *y);
                    }
                }
            }
        })?;
    }
    Ok(())
}

fn write_elements(document: &Document, numbers: &Numbers, tree: Ref, file: &mut File<'_>) -> io::Result<()> {
    for (Element { role, parent, children, alternative, columns }, own) in
        document.elements.iter().zip(&numbers.elements)
    {
        file.object(*own, |object| {
            let mut element: StructElement<'_> = object.start();
            let parent = parent.and_then(|parent| numbers.elements.get(parent).copied());
            element.kind(*role).parent(parent.unwrap_or(tree));
            if let Some(words) = alternative {
                element.alt(TextStr(words));
            }
            if *role == StructRole::TH {
                let mut scope = element.insert(Name(b"A")).dict();
                scope.pair(Name(b"O"), Name(b"Table")).pair(Name(b"Scope"), Name(b"Column"));
            }
            if *columns > 1 {
                let mut span = element.insert(Name(b"A")).dict();
                span.pair(Name(b"O"), Name(b"Table")).pair(Name(b"ColSpan"), number(*columns));
            }
            if children.is_empty() {
                return;
            }
            let mut written = element.children();
            for child in children {
                match child {
                    Child::Element(id) => {
                        if let Some(child) = numbers.elements.get(*id) {
                            written.struct_element(*child);
                        }
                    }
                    Child::Text(page, number) => {
                        if let Some(page) = numbers.pages.get(*page) {
                            written.marked_content_ref().page(*page).marked_content_id(*number);
                        }
                    }
                    Child::Link(id) => {
                        let page = document.links.get(*id).and_then(|link| numbers.pages.get(link.page));
                        if let (Some(link), Some(page)) = (numbers.links.get(*id), page) {
                            written.object_ref().page(*page).object(*link);
                        }
                    }
                }
            }
        })?;
    }
    Ok(())
}

/// The root of the tree, and the way back from pages and links to its elements.
fn write_tree(
    document: &Document,
    numbers: &Numbers,
    tree: Ref,
    parents: Ref,
    file: &mut File<'_>,
) -> io::Result<()> {
    file.object(tree, |object| {
        let mut root: pdf_writer::writers::StructTreeRoot<'_> = object.start();
        if let Some(document) = numbers.elements.first() {
            root.child(*document);
        }
        root.pair(Name(b"ParentTree"), parents);
        root.parent_tree_next_key(number(document.pages.len() + document.links.len()));
    })?;
    let of_pages: Vec<Ref> = document.pages.iter().map(|_| file.number()).collect();
    for (page, own) in document.pages.iter().zip(&of_pages) {
        let elements = page.texts.iter().filter_map(|element| numbers.elements.get(*element).copied());
        file.object(*own, |object| {
            object.array().items(elements);
        })?;
    }
    let of_links = document.links.iter().filter_map(|link| numbers.elements.get(link.element).copied());
    let entries: Vec<Ref> = of_pages.iter().copied().chain(of_links).collect();
    file.object(parents, |object| {
        let mut dict = object.dict();
        let mut list = dict.insert(Name(b"Nums")).array();
        for (key, entry) in entries.into_iter().enumerate() {
            list.item(number(key)).item(entry);
        }
    })
}

/// The outline; only its chapters are open.
fn write_outline(
    bookmarks: &[Bookmark],
    numbers: &Numbers,
    root: Ref,
    file: &mut File<'_>,
) -> io::Result<()> {
    let parent_of = |at: usize| {
        let level = bookmarks.get(at)?.level;
        (0..at).rev().find(|other| bookmarks.get(*other).is_some_and(|it| it.level < level))
    };
    let parents: Vec<Option<usize>> = (0..bookmarks.len()).map(parent_of).collect();
    let mut children = vec![Vec::new(); bookmarks.len()];
    let mut tops = Vec::new();
    for (at, parent) in parents.iter().enumerate() {
        parent.and_then(|parent| children.get_mut(parent)).unwrap_or(&mut tops).push(at);
    }
    let find = |at: Option<&usize>| at.and_then(|at| numbers.bookmarks.get(*at)).copied();
    file.object(root, |object| {
        let mut outline: Outline<'_> = object.start();
        if let (Some(first), Some(last)) = (find(tops.first()), find(tops.last())) {
            outline.first(first).last(last).count(number(tops.len()));
        }
    })?;
    for (siblings, parent) in
        std::iter::once((&tops, None)).chain(children.iter().enumerate().map(|(at, list)| (list, Some(at))))
    {
        for (place, at) in siblings.iter().enumerate() {
            let (Some(bookmark), Some(own)) = (bookmarks.get(*at), find(Some(at))) else { continue };
            let below = children.get(*at).map(Vec::as_slice).unwrap_or_default();
            file.object(own, |object| {
                let mut item: OutlineItem<'_> = object.start();
                item.title(TextStr(&bookmark.title)).parent(find(parent.as_ref()).unwrap_or(root));
                let before = place.checked_sub(1).and_then(|place| siblings.get(place));
                if let Some(before) = find(before) {
                    item.prev(before);
                }
                if let Some(after) = find(siblings.get(place + 1)) {
                    item.next(after);
                }
                if let (Some(first), Some(last)) = (find(below.first()), find(below.last())) {
                    item.first(first).last(last).count(-number(below.len()));
                }
                if let Some(page) = numbers.pages.get(bookmark.page) {
                    destination(item.insert(Name(b"Dest")), *page, bookmark.y);
                }
            })?;
        }
    }
    Ok(())
}

/// A place to go to: the height on the page, at the zoom of before.
fn destination(object: pdf_writer::Obj<'_>, page: Ref, y: f32) {
    let mut list = object.array();
    list.item(page).item(Name(b"XYZ")).item(Null).item(PAGE_HEIGHT - y).item(Null);
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn date(time: DateTime<Utc>) -> Date {
    let small = |value: u32| u8::try_from(value).unwrap_or_default();
    Date::new(u16::try_from(time.year()).unwrap_or_default())
        .month(small(time.month()))
        .day(small(time.day()))
        .hour(small(time.hour()))
        .minute(small(time.minute()))
        .second(small(time.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// The metadata in the form that archives read.
fn xmp(description: &Description) -> String {
    let Description { title, subject, producer, made } = description;
    let made = made.format("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\
         <dc:format>application/pdf</dc:format>\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>\
         <dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>\
         <xmp:CreatorTool>{producer}</xmp:CreatorTool><xmp:CreateDate>{made}</xmp:CreateDate>\
         <pdf:Producer>{producer}</pdf:Producer>\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>",
        Xml(title),
        Xml(subject),
        producer = Xml(producer),
    )
}
