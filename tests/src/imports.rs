//! Which file of a crate names which items of which other file, found from the syntax of its sources. Test code is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use syn::{
    Attribute, File, Item, Macro, UseTree, Visibility,
    visit::{self, Visit},
};

/// The names from the crate's root down to a module.
type ModulePath = Vec<String>;

/// One crate's sources.
#[derive(Debug, Default)]
pub struct Crate {
    files: BTreeMap<PathBuf, Source>,
    /// The file of each module, including modules within a file.
    modules: BTreeMap<ModulePath, PathBuf>,
}

#[derive(Debug, Default)]
struct Source {
    module: ModulePath,
    items: BTreeSet<String>,
    /// Types that other files may see, including those that a macro makes.
    types: BTreeSet<String>,
    /// By name: what a `use` binds it to, and whether it is re-exported.
    bound: BTreeMap<String, Bound>,
    /// Paths in the text, each with the module that contains it.
    named: Vec<(ModulePath, Vec<String>)>,
}

#[derive(Clone, Debug)]
struct Bound {
    within: ModulePath,
    path: Vec<String>,
    is_public: bool,
}

impl Crate {
    /// Reads all files below `src`, which has a `lib.rs`.
    ///
    /// # Panics
    /// When one cannot be read or is no Rust.
    #[must_use]
    pub fn read(src: &Path) -> Self {
        let mut read = Self::default();
        read.read_module(&src.join("lib.rs"), src, Vec::new());
        read
    }

    /// The files, without those of tests.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Each type that other files may see, with the file that defines it.
    pub fn public_types(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.files.iter().flat_map(|(file, source)| source.types.iter().map(|name| (name.as_str(), file.as_path())))
    }

    fn read_module(&mut self, path: &Path, folder: &Path, module: ModulePath) {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: File = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.modules.insert(module.clone(), path.to_owned());
        let mut reading = Reading {
            source: Source { module: module.clone(), ..Source::default() },
            at: module.clone(),
            below: Vec::new(),
            inline: Vec::new(),
        };
        reading.visit_file(&file);
        for inline in reading.inline {
            self.modules.insert(inline, path.to_owned());
        }
        self.files.insert(path.to_owned(), reading.source);
        for name in reading.below {
            let mut below = module.clone();
            below.push(name.clone());
            let file = folder.join(format!("{name}.rs"));
            // Modules made by a build script or named by a path are not followed.
            if file.exists() {
                self.read_module(&file, &folder.join(&name), below);
            }
        }
    }

    /// Every file with the files that it names, each with one such path.
    #[must_use]
    pub fn arrows(&self) -> BTreeMap<&Path, BTreeMap<&Path, String>> {
        let mut arrows: BTreeMap<&Path, BTreeMap<&Path, String>> = BTreeMap::new();
        for (file, source) in &self.files {
            let to = arrows.entry(file).or_default();
            let uses = source.bound.values().filter(|bound| bound.is_public && !self.is_handed_on(source, bound));
            let named =
                uses.map(|bound| (&bound.within, &bound.path)).chain(source.named.iter().map(|(at, path)| (at, path)));
            for (at, path) in named {
                if let Some(other) = self.resolve(at, path, 0).filter(|other| *other != file.as_path()) {
                    to.entry(other).or_insert_with(|| path.join("::"));
                }
            }
        }
        arrows
    }

    /// Whether a parent only re-exports an item of its child.
    fn is_handed_on(&self, source: &Source, bound: &Bound) -> bool {
        let child = |whole: ModulePath| whole.len() > source.module.len() && whole.starts_with(&source.module);
        bound.is_public && self.absolute(&bound.within, &bound.path).is_some_and(child)
    }

    /// A path from the root of the crate; `None` when it leads out of it.
    fn absolute(&self, at: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let first = path.first()?;
        let (mut base, rest) = match first.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (at.clone(), &path[1..]),
            "super" => (at[..at.len().checked_sub(1)?].to_vec(), &path[1..]),
            name => {
                let mut child = at.clone();
                child.push(name.to_owned());
                if self.modules.contains_key(&child) {
                    (at.clone(), path)
                } else {
                    let source = &self.files[&self.modules[at]];
                    let bound = source.bound.get(name).filter(|bound| bound.path != path)?;
                    let mut whole = self.absolute(&bound.within, &bound.path)?;
                    whole.extend(path[1..].iter().cloned());
                    return Some(whole);
                }
            }
        };
        for name in rest {
            match name.as_str() {
                "super" => _ = base.pop(),
                "self" => {}
                name => base.push(name.to_owned()),
            }
        }
        Some(base)
    }

    /// The file that defines what `path` names.
    fn resolve(&self, at: &ModulePath, path: &[String], depth: usize) -> Option<&Path> {
        let whole = self.absolute(at, path)?;
        let module = (0..=whole.len()).rev().map(|end| &whole[..end]).find(|part| self.modules.contains_key(*part))?;
        let file = &self.modules[module];
        let source = &self.files[file];
        let Some(item) = whole.get(module.len()) else { return Some(file) };
        match source.bound.get(item) {
            Some(bound) if !source.items.contains(item) && depth < 16 => {
                self.resolve(&bound.within, &bound.path, depth + 1)
            }
            // No item of the root: an alias of another crate, or something that a macro makes.
            _ if module.is_empty() && !source.items.contains(item) => None,
            _ => Some(file),
        }
    }
}

struct Reading {
    source: Source,
    at: ModulePath,
    /// Modules in files of their own.
    below: Vec<String>,
    /// Modules within this file.
    inline: Vec<ModulePath>,
}

impl Reading {
    /// Notes a path that goes through a module; a path that begins with a type refers to what a `use` has bound.
    fn name(&mut self, path: Vec<String>) {
        if path.len() > 1 && path[0].starts_with(|first: char| first.is_lowercase()) {
            self.source.named.push((self.at.clone(), path));
        }
    }

    fn bind(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let mut path = before.to_vec();
        let (name, last) = match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                return self.bind(&part.tree, &path, is_public);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bind(tree, &path, is_public));
            }
            UseTree::Glob(_) => return self.source.named.push((self.at.clone(), path)),
            UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(rename) => (rename.rename.to_string(), rename.ident.to_string()),
        };
        let name = if last == "self" { path.last().cloned().unwrap_or_default() } else { name };
        if last != "self" {
            path.push(last);
        }
        // `as _` binds nothing, but still names the path.
        let name = if name == "_" { path.join("::") } else { name };
        if !is_public {
            // Two functions may each bind the same name: both count.
            self.source.named.push((self.at.clone(), path.clone()));
        }
        self.source.bound.insert(name, Bound { within: self.at.clone(), path, is_public });
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let tests = |attribute: &&Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().starts_with("test"))
    };
    attributes.iter().any(|attribute| tests(&attribute))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}

/// The name of the type that an item defines, if other files may see it.
fn public_type(item: &Item) -> Option<String> {
    let (visibility, name) = match item {
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        Item::Union(item) => (&item.vis, &item.ident),
        _ => return None,
    };
    (!matches!(visibility, Visibility::Inherited)).then(|| name.to_string())
}

impl<'a> Visit<'a> for Reading {
    fn visit_item(&mut self, item: &'a Item) {
        if is_test(attributes(item)) {
            return;
        }
        if self.at == self.source.module {
            self.source.items.extend(name(item));
        }
        self.source.types.extend(public_type(item));
        match item {
            Item::Use(used) => {
                let is_public = !matches!(used.vis, Visibility::Inherited);
                self.bind(&used.tree, &[], is_public);
            }
            Item::Mod(module) => {
                let named = module.ident.to_string();
                if module.content.is_none() {
                    self.below.push(named);
                } else {
                    self.at.push(named);
                    self.inline.push(self.at.clone());
                    visit::visit_item(self, item);
                    self.at.pop();
                }
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.name(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// A visibility is no dependence.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    /// The input of a macro has no syntax yet: whatever looks like a path or a type counts as one.
    fn visit_macro(&mut self, given: &'a Macro) {
        let text = given.tokens.to_string().replace(" :: ", "::");
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        for three in words.windows(3) {
            if let ["pub" | "crate" | "super", "enum" | "struct" | "trait" | "type" | "union", name] = three
                && name.starts_with(|first: char| first.is_uppercase())
            {
                self.source.types.insert((*name).to_owned());
            }
        }
        for word in words {
            self.name(word.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect());
        }
        visit::visit_macro(self, given);
    }
}
