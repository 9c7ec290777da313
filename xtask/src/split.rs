//! Cuts a finished wasm program in two: what runs when the page opens, and the rest, which comes when somebody does
//! something. Knows nothing of the site; `static/boot.js` puts the two together again.
//!
//! Both parts share the memory, the tables and the globals of the first. A function of the rest that the first part
//! may call stands there as a *stub*: it calls through a table that the rest fills when it is linked, and before that
//! asks for the rest. So every function can be called at any moment, and which one is where decides only when it is
//! loaded: a list that is out of date costs time and nothing else.
//!
//! Data goes with the functions: what only the rest uses lies there, and comes to its place when the rest is linked.
//!
//! Which functions come first is measured, not guessed: [`watched`] makes a program that says which ones run.

use crate::data::{Data, start_of};
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::Range;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, Module, RefType, StartSection,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FunctionBody, KnownCustom, Name, Operator, Parser, Payload,
    TypeRef, Validator,
};

/// The module from which both programs import what connects them.
const LINK: &str = "link";
/// A function of this many bytes is not worth a stub.
const TINY_BYTES: u64 = 24;

/// How fast calls between the parts have to be.
#[derive(Clone, Copy, PartialEq)]
pub enum Calls {
    /// As one instance calls another.
    Plain,
    /// As within one: of small functions of the first part the rest has its own copies. They are the same, for all
    /// that they work on is shared.
    Fast,
}

/// The largest function of which there are two, for fast calls: of larger ones the call is not what takes time.
const COPIED_BYTES: u64 = 2_048;

/// The two parts.
pub struct Parts {
    /// What runs when the page opens.
    pub first: Vec<u8>,
    /// All else.
    pub rest: Vec<u8>,
    /// Functions that are in the rest.
    pub moved: usize,
    /// Functions that have a stub in the first part.
    pub stubs: usize,
    /// Bytes of data that are in the rest.
    pub moved_data: usize,
}

/// What is asked of a program here.
struct Program<'a> {
    types: Vec<wasmparser::FuncType>,
    type_section: Option<wasmparser::TypeSectionReader<'a>>,
    imports: Vec<wasmparser::Import<'a>>,
    /// The types of imported functions, then of its own.
    function_types: Vec<u32>,
    imported: usize,
    tables: Vec<wasmparser::Table<'a>>,
    memory: Option<wasmparser::MemorySectionReader<'a>>,
    globals: Vec<wasmparser::Global<'a>>,
    exports: Vec<wasmparser::Export<'a>>,
    elements: Vec<wasmparser::Element<'a>>,
    data: Option<wasmparser::DataSectionReader<'a>>,
    bodies: Vec<FunctionBody<'a>>,
    names: HashMap<u32, &'a str>,
}

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

impl<'a> Program<'a> {
    fn read(bytes: &'a [u8]) -> Outcome<Program<'a>> {
        let mut program = Program {
            types: Vec::new(),
            type_section: None,
            imports: Vec::new(),
            function_types: Vec::new(),
            imported: 0,
            tables: Vec::new(),
            memory: None,
            globals: Vec::new(),
            exports: Vec::new(),
            elements: Vec::new(),
            data: None,
            bodies: Vec::new(),
            names: HashMap::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    program.type_section = Some(section.clone());
                    for group in section {
                        for ty in group?.into_types() {
                            program.types.push(ty.unwrap_func().clone());
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(ty) = import.ty {
                            program.function_types.push(ty);
                            program.imported += 1;
                        } else {
                            return Err("imports something that is no function".into());
                        }
                        program.imports.push(import);
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        program.function_types.push(ty?);
                    }
                }
                Payload::TableSection(section) => {
                    program.tables = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::MemorySection(section) => program.memory = Some(section),
                Payload::GlobalSection(section) => {
                    program.globals = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::ExportSection(section) => {
                    program.exports = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::StartSection { .. } => return Err("starts by itself".into()),
                Payload::ElementSection(section) => {
                    program.elements = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::DataSection(section) => program.data = Some(section),
                Payload::CodeSectionEntry(body) => program.bodies.push(body),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        for name in names {
                            if let Name::Function(functions) = name? {
                                for naming in functions {
                                    let naming = naming?;
                                    program.names.insert(naming.index, naming.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(program)
    }

    fn functions(&self) -> usize {
        self.function_types.len()
    }

    fn body(&self, function: usize) -> &FunctionBody<'a> {
        &self.bodies[function - self.imported]
    }
}

/// The name of a function without what differs from one machine or compiler to the next: where crates lie, and at
/// which place of the name something was named before.
fn steady(name: &str) -> u64 {
    let mut kept = String::new();
    let mut rest = name.split(".llvm.").next().unwrap_or(name);
    while let Some(at) = rest.find("Cs").into_iter().chain(rest.find('B')).min() {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        // `Cs1OA3ihfmHv5_` is which crate of that name, `B7_` a place.
        let (start, most) = if rest.starts_with("Cs") { (2, 13) } else { (1, 3) };
        let digits = rest[start..].find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(most + 1);
        if digits <= most && rest[start + digits..].starts_with('_') {
            rest = &rest[start + digits + 1..];
        } else {
            kept.push_str(&rest[..start]);
            rest = &rest[start..];
        }
    }
    kept.push_str(rest);
    // FNV-1a.
    kept.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, it| (hash ^ u64::from(it)).wrapping_mul(0x0100_0000_01b3))
}

/// The line by which a list knows a function.
fn line_of(name: &str) -> String {
    format!("{:08x}", steady(name) as u32)
}

/// Gives functions their new numbers; all else stays as it is.
struct Numbers<'m>(&'m [Option<u32>]);

impl Reencode for Numbers<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Infallible>> {
        // What is asked for was counted before.
        Ok(self.0[function as usize].expect("a function that is called is there"))
    }
}

/// A program that calls `link.hit` with a function's number whenever one begins; and the lines of its functions.
pub fn watched(bytes: &[u8]) -> Outcome<(Vec<u8>, Vec<String>)> {
    let program = Program::read(bytes)?;
    let hit = program.imported as u32;
    let numbers: Vec<Option<u32>> =
        (0..program.functions() as u32).map(|it| Some(it + u32::from(it >= hit))).collect();
    let mut map = Numbers(&numbers);
    let mut module = Module::new();
    types_and_one(&program, &mut map, &mut module, &[ValType::I32])?;
    imports_and_one(&program, &mut map, &mut module, "hit")?;
    let mut functions = FunctionSection::new();
    program.function_types[program.imported..].iter().for_each(|it| {
        functions.function(*it);
    });
    module.section(&functions);
    data_free_sections(&program, &mut map, &mut module, |_| {}, |_| {}, |_| {})?;
    let mut code = CodeSection::new();
    for (at, body) in program.bodies.iter().enumerate() {
        let mut function = map.new_function_with_parsed_locals(body)?;
        function.instruction(&Instruction::I32Const((at + program.imported) as i32));
        function.instruction(&Instruction::Call(hit));
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&map.parse_instruction(&mut reader)?);
        }
        code.function(&function);
    }
    module.section(&code);
    data_section(&program, &mut map, &mut module)?;
    let lines = (0..program.functions() as u32)
        .map(|it| program.names.get(&it).map_or(String::new(), |it| line_of(it)));
    Ok((checked(module.finish())?, lines.collect()))
}

/// The types, and behind them that of a function of ours, which answers nothing.
fn types_and_one(
    program: &Program<'_>,
    map: &mut Numbers<'_>,
    module: &mut Module,
    takes: &[ValType],
) -> Outcome<()> {
    let mut types = TypeSection::new();
    map.parse_type_section(&mut types, program.type_section.clone().ok_or("has no types")?)?;
    types.ty().function(takes.iter().copied(), []);
    module.section(&types);
    Ok(())
}

/// The imports, and behind them that function.
fn imports_and_one(
    program: &Program<'_>,
    map: &mut Numbers<'_>,
    module: &mut Module,
    name: &str,
) -> Outcome<()> {
    let mut imports = ImportSection::new();
    for import in &program.imports {
        imports.import(import.module, import.name, map.entity_type(import.ty)?);
    }
    imports.import(LINK, name, EntityType::Function(program.types.len() as u32));
    module.section(&imports);
    Ok(())
}

/// The sections between the list of functions and their code, with something added to three of them.
fn data_free_sections(
    program: &Program<'_>,
    map: &mut Numbers<'_>,
    module: &mut Module,
    more_tables: impl FnOnce(&mut TableSection),
    more_globals: impl FnOnce(&mut GlobalSection),
    more_exports: impl FnOnce(&mut ExportSection),
) -> Outcome<()> {
    let mut tables = TableSection::new();
    for table in &program.tables {
        map.parse_table(&mut tables, table.clone())?;
    }
    more_tables(&mut tables);
    module.section(&tables);
    if let Some(section) = program.memory.clone() {
        let mut memories = wasm_encoder::MemorySection::new();
        map.parse_memory_section(&mut memories, section)?;
        module.section(&memories);
    }
    let mut globals = GlobalSection::new();
    for global in &program.globals {
        map.parse_global(&mut globals, global.clone())?;
    }
    more_globals(&mut globals);
    module.section(&globals);
    let mut exports = ExportSection::new();
    for export in &program.exports {
        map.parse_export(&mut exports, *export)?;
    }
    more_exports(&mut exports);
    module.section(&exports);
    let mut elements = ElementSection::new();
    for element in &program.elements {
        map.parse_element(&mut elements, element.clone())?;
    }
    module.section(&elements);
    Ok(())
}

fn data_section(program: &Program<'_>, map: &mut Numbers<'_>, module: &mut Module) -> Outcome<()> {
    if let Some(section) = program.data.clone() {
        let mut data = wasm_encoder::DataSection::new();
        map.parse_data_section(&mut data, section)?;
        module.section(&data);
    }
    Ok(())
}

/// Data that lies closer together than this is not parted: where a piece lies takes as many bytes.
const GAP_BYTES: u32 = 16;

/// The data of both parts. What lies at `later` is in the second, and nothing in the first.
fn data_of_both(
    program: &Program<'_>,
    later: &[Range<u32>],
) -> Outcome<(wasm_encoder::DataSection, wasm_encoder::DataSection)> {
    let (mut first, mut rest) = (wasm_encoder::DataSection::new(), wasm_encoder::DataSection::new());
    for segment in program.data.clone().ok_or("has no data")? {
        let segment = segment?;
        let start = start_of(&segment)?;
        let end = start + segment.data.len() as u32;
        let put = |data: &mut wasm_encoder::DataSection, place: Range<u32>| {
            let bytes = &segment.data[(place.start - start) as usize..(place.end - start) as usize];
            if !bytes.is_empty() {
                data.active(0, &ConstExpr::i32_const(place.start as i32), bytes.iter().copied());
            }
        };
        let mut from = start;
        let mut joined: Option<Range<u32>> = None;
        for place in
            later.iter().map(|it| it.start.max(start)..it.end.min(end)).filter(|it| it.start < it.end)
        {
            match &mut joined {
                Some(last) if place.start - last.end < GAP_BYTES => last.end = place.end,
                _ => joined.replace(place.clone()).into_iter().for_each(|it| put(&mut rest, it)),
            }
            if place.end - place.start >= GAP_BYTES {
                put(&mut first, from..place.start);
                from = place.end;
            }
        }
        put(&mut first, from..end);
        joined.into_iter().for_each(|it| put(&mut rest, it));
    }
    Ok((first, rest))
}

/// Calls `each` with every number in the code of a function that may be an address.
fn each_number(body: &FunctionBody<'_>, mut each: impl FnMut(u32)) -> Outcome<()> {
    struct Offsets<'e>(&'e mut dyn FnMut(u32));
    impl Reencode for Offsets<'_> {
        type Error = Infallible;

        // What is read or written lies so far behind an address.
        fn mem_arg(
            &mut self,
            arg: wasmparser::MemArg,
        ) -> Result<wasm_encoder::MemArg, reencode::Error<Infallible>> {
            (self.0)(arg.offset as u32);
            reencode::utils::mem_arg(self, arg)
        }
    }
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        match Offsets(&mut each).parse_instruction(&mut reader)? {
            Instruction::I32Const(it) => each(it as u32),
            // Two at once.
            Instruction::I64Const(it) => [it as u32, (it >> 32) as u32].into_iter().for_each(&mut each),
            Instruction::V128Const(it) => (0..4).for_each(|at| each((it >> (32 * at)) as u32)),
            _ => {}
        }
    }
    Ok(())
}

/// A program that is valid; a fault of this file is found here and not in a browser.
fn checked(bytes: Vec<u8>) -> Outcome<Vec<u8>> {
    Validator::new().validate_all(&bytes)?;
    Ok(bytes)
}

/// What the body of a function needs.
#[derive(Default)]
struct Needs {
    /// Functions that it calls or names.
    functions: BTreeSet<u32>,
    /// Those that it names.
    named: BTreeSet<u32>,
    /// It uses segments of elements, which only the first part has.
    segments: bool,
}

fn needs(body: &FunctionBody<'_>) -> Outcome<Needs> {
    let mut needs = Needs::default();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                needs.functions.insert(function_index);
            }
            Operator::RefFunc { function_index } => {
                needs.functions.insert(function_index);
                needs.named.insert(function_index);
            }
            Operator::TableInit { .. } | Operator::ElemDrop { .. } => needs.segments = true,
            _ => {}
        }
    }
    Ok(needs)
}

/// Cuts a program in two. `first` are the lines of functions that come first; others do only where they have to. `data`
/// is what lies where in its memory.
pub fn split(bytes: &[u8], data: &Data, first: &BTreeSet<String>, calls: Calls) -> Outcome<Parts> {
    let program = Program::read(bytes)?;
    if program.names.is_empty() {
        return Err("its functions have no names".into());
    }
    let imported = program.imported;
    let all_needs: Vec<Needs> = program.bodies.iter().map(needs).collect::<Outcome<_>>()?;
    let needs_of = |function: usize| &all_needs[function - imported];
    let size_of = |function: usize| {
        let range = program.body(function).range();
        range.end - range.start
    };
    let is_first: Vec<bool> = (0..program.functions())
        .map(|it| {
            it < imported
                || needs_of(it).segments
                || size_of(it) <= TINY_BYTES
                || program.names.get(&(it as u32)).is_none_or(|name| first.contains(&line_of(name)))
        })
        .collect();

    // Whom the first part may call, over there.
    let mut stubs: BTreeSet<u32> = BTreeSet::new();
    let mut want = |function: u32| {
        if !is_first[function as usize] {
            stubs.insert(function);
        }
    };
    for function in (imported..program.functions()).filter(|it| is_first[*it]) {
        needs_of(function).functions.iter().for_each(|it| want(*it));
    }
    for export in &program.exports {
        if export.kind == ExternalKind::Func {
            want(export.index);
        }
    }
    for element in &program.elements {
        each_function(element, &mut want)?;
    }
    let stubs: Vec<u32> = stubs.into_iter().collect();

    let (load, mut next) = (imported as u32, imported as u32 + 1);
    let mut numbers: Vec<Option<u32>> = (0..imported as u32).map(Some).collect();
    for (function, is_first) in is_first.iter().enumerate().skip(imported) {
        let stays = *is_first || stubs.binary_search(&(function as u32)).is_ok();
        numbers.push(stays.then_some(next));
        next += u32::from(stays);
    }
    let nothing = program.types.len() as u32; // The type of functions that take and answer nothing.
    let (link_table, is_linked) = (program.tables.len() as u32, program.globals.len() as u32);

    // The rest comes with what it needs of the first part.
    let mut rest: Vec<u32> =
        (imported..program.functions()).filter(|it| !is_first[*it]).map(|it| it as u32).collect();
    let moved = rest.len();
    let mut borrowed: BTreeSet<u32> = BTreeSet::new();
    let mut named: BTreeSet<u32> = BTreeSet::new();
    let mut copied: BTreeSet<u32> = BTreeSet::new();
    let mut at = 0;
    while let Some(function) = rest.get(at).copied() {
        at += 1;
        let needs = needs_of(function as usize);
        named.extend(&needs.named);
        for needed in needs.functions.iter().copied().filter(|it| is_first[*it as usize]) {
            let function = needed as usize;
            let small =
                function >= imported && size_of(function) <= COPIED_BYTES && !needs_of(function).segments;
            if calls == Calls::Fast && small {
                if copied.insert(needed) {
                    rest.push(needed);
                }
            } else {
                borrowed.insert(needed);
            }
        }
    }

    let mut numbers_in_first = Vec::new();
    for function in (imported..program.functions()).filter(|it| is_first[*it]) {
        each_number(program.body(function), |it| numbers_in_first.push(it))?;
    }
    let later = data.unused(numbers_in_first.into_iter());
    let moved_data = later.iter().map(|it| (it.end - it.start) as usize).sum();
    let (first_data, rest_data) = data_of_both(&program, &later)?;

    let first_part = {
        let mut map = Numbers(&numbers);
        let mut module = Module::new();
        types_and_one(&program, &mut map, &mut module, &[])?;
        imports_and_one(&program, &mut map, &mut module, "load")?;
        let mut functions = FunctionSection::new();
        for (number, ty) in numbers.iter().zip(&program.function_types).skip(imported) {
            if number.is_some() {
                functions.function(*ty);
            }
        }
        module.section(&functions);
        data_free_sections(
            &program,
            &mut map,
            &mut module,
            |tables| {
                tables.table(table_of(stubs.len()));
            },
            |globals| {
                globals.global(IS_LINKED, &ConstExpr::i32_const(0));
            },
            |exports| {
                for function in borrowed.iter().filter(|it| **it as usize >= imported) {
                    let number = numbers[*function as usize].unwrap_or_default();
                    exports.export(&format!("f{function}"), ExportKind::Func, number);
                }
                for table in 0..=link_table {
                    exports.export(&format!("t{table}"), ExportKind::Table, table);
                }
                for global in 0..=is_linked {
                    exports.export(&format!("g{global}"), ExportKind::Global, global);
                }
                exports.export("m", ExportKind::Memory, 0);
            },
        )?;
        let mut code = CodeSection::new();
        for (function, is_first) in is_first.iter().enumerate().skip(imported) {
            if *is_first {
                map.parse_function_body(&mut code, program.body(function).clone())?;
            } else if let Ok(place) = stubs.binary_search(&(function as u32)) {
                let ty = program.function_types[function];
                let mut stub = Function::new([]);
                stub.instruction(&Instruction::GlobalGet(is_linked));
                stub.instruction(&Instruction::I32Eqz);
                stub.instruction(&Instruction::If(wasm_encoder::BlockType::Empty));
                stub.instruction(&Instruction::Call(load));
                stub.instruction(&Instruction::End);
                for at in 0..program.types[ty as usize].params().len() {
                    stub.instruction(&Instruction::LocalGet(at as u32));
                }
                stub.instruction(&Instruction::I32Const(place as i32));
                stub.instruction(&Instruction::CallIndirect { type_index: ty, table_index: link_table });
                stub.instruction(&Instruction::End);
                code.function(&stub);
            }
        }
        module.section(&code);
        module.section(&first_data);
        checked(module.finish())?
    };

    let rest_part = {
        let mut numbers: Vec<Option<u32>> = vec![None; program.functions()];
        for (at, function) in borrowed.iter().chain(&rest).enumerate() {
            numbers[*function as usize] = Some(at as u32);
        }
        let mut map = Numbers(&numbers);
        let mut module = Module::new();
        types_and_one(&program, &mut map, &mut module, &[])?;
        let mut imports = ImportSection::new();
        for function in &borrowed {
            let kind = EntityType::Function(program.function_types[*function as usize]);
            match program.imports.get(*function as usize) {
                Some(import) => imports.import(import.module, import.name, kind),
                None => imports.import(LINK, &format!("f{function}"), kind),
            };
        }
        for (at, table) in program.tables.iter().enumerate() {
            imports.import(LINK, &format!("t{at}"), map.table_type(table.ty)?);
        }
        imports.import(LINK, &format!("t{link_table}"), table_of(stubs.len()));
        for (at, global) in program.globals.iter().enumerate() {
            imports.import(LINK, &format!("g{at}"), map.global_type(global.ty)?);
        }
        imports.import(LINK, &format!("g{is_linked}"), IS_LINKED);
        for memory in program.memory.clone().ok_or("has no memory")? {
            imports.import(LINK, "m", map.memory_type(memory?)?);
        }
        module.section(&imports);
        let mut functions = FunctionSection::new();
        for function in &rest {
            functions.function(program.function_types[*function as usize]);
        }
        functions.function(nothing);
        module.section(&functions);
        module.section(&StartSection { function_index: (borrowed.len() + rest.len()) as u32 });

        let mut elements = ElementSection::new();
        let of_stubs: Vec<u32> = stubs.iter().map(|it| numbers[*it as usize].unwrap_or_default()).collect();
        elements.active(Some(link_table), &ConstExpr::i32_const(0), Elements::Functions(of_stubs.into()));
        // Whoever calls through the program's own table needs no stub from now on.
        for (table, from, all) in runs(&program, &is_first)? {
            let all: Vec<u32> = all.iter().map(|it| numbers[*it as usize].unwrap_or_default()).collect();
            elements.active(Some(table), &ConstExpr::i32_const(from), Elements::Functions(all.into()));
        }
        if !named.is_empty() {
            let named: Vec<u32> = named.iter().map(|it| numbers[*it as usize].unwrap_or_default()).collect();
            elements.declared(Elements::Functions(named.into()));
        }
        module.section(&elements);
        let mut code = CodeSection::new();
        for function in &rest {
            map.parse_function_body(&mut code, program.body(*function as usize).clone())?;
        }
        let mut start = Function::new([]);
        start.instruction(&Instruction::I32Const(1));
        start.instruction(&Instruction::GlobalSet(is_linked));
        start.instruction(&Instruction::End);
        code.function(&start);
        module.section(&code);
        module.section(&rest_data);
        checked(module.finish())?
    };
    Ok(Parts { first: first_part, rest: rest_part, moved, stubs: stubs.len(), moved_data })
}

/// Whether the rest is linked: 0 or 1.
const IS_LINKED: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

/// The table through which stubs call.
fn table_of(stubs: usize) -> TableType {
    let minimum = stubs as u64;
    TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false }
}

/// Calls `each` with every function that a segment of elements has.
fn each_function(element: &wasmparser::Element<'_>, mut each: impl FnMut(u32)) -> Outcome<()> {
    match element.items.clone() {
        ElementItems::Functions(all) => {
            for function in all {
                each(function?);
            }
        }
        ElementItems::Expressions(_, all) => {
            for expression in all {
                for operator in expression?.get_operators_reader() {
                    if let Operator::RefFunc { function_index } = operator? {
                        each(function_index);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Functions of the rest that stand one after the other in a table: the table, the first place, and who.
fn runs(program: &Program<'_>, is_first: &[bool]) -> Outcome<Vec<(u32, i32, Vec<u32>)>> {
    let mut runs: Vec<(u32, i32, Vec<u32>)> = Vec::new();
    for element in &program.elements {
        let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(all)) =
            (element.kind.clone(), element.items.clone())
        else {
            continue;
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else { continue };
        let table = table_index.unwrap_or(0);
        for (at, function) in all.into_iter().enumerate() {
            let (function, place) = (function?, value + at as i32);
            if is_first[function as usize] {
                continue;
            }
            match runs.last_mut() {
                Some((of, from, all)) if *of == table && *from + all.len() as i32 == place => {
                    all.push(function)
                }
                _ => runs.push((table, place, vec![function])),
            }
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_the_rest_is_nowhere_in_the_first_part_and_all_is_there_with_both() {
        // Two places that lie close together, one that is too small to be parted, and one at the end.
        let later = [110..140, 145..150, 300..303, 460..500];
        let bytes: Vec<u8> = (0..400).map(|it| (it % 250 + 1) as u8).collect();
        let mut module = Module::new();
        let mut data = wasm_encoder::DataSection::new();
        data.active(0, &ConstExpr::i32_const(100), bytes.iter().copied());
        data.active(0, &ConstExpr::i32_const(600), *b"kept");
        module.section(&data);
        let whole = module.finish();
        let (first, rest) = data_of_both(&Program::read(&whole).unwrap(), &later).unwrap();
        let mut memory = vec![0; 700];
        let mut put = |data: wasm_encoder::DataSection| {
            let mut module = Module::new();
            module.section(&data);
            let module = module.finish();
            for segment in Program::read(&module).unwrap().data.into_iter().flatten() {
                let segment = segment.unwrap();
                let start = start_of(&segment).unwrap();
                memory[start as usize..][..segment.data.len()].copy_from_slice(segment.data);
            }
            memory.clone()
        };
        let before = put(first);
        assert_eq!(before[110..140], [0; 30]);
        assert_eq!(before[460..500], [0; 40]);
        assert_eq!(before[100..110], bytes[..10]);
        assert_eq!(before[600..604], *b"kept");
        let after = put(rest);
        assert_eq!(after[100..500], bytes);
        assert_eq!(after[600..604], *b"kept");
    }

    #[test]
    fn every_number_that_may_be_an_address_is_seen() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut memories = wasm_encoder::MemorySection::new();
        let memory_type = wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        memories.memory(memory_type);
        let mut function = Function::new([]);
        function.instruction(&Instruction::I32Const(11));
        function.instruction(&Instruction::I32Load(wasm_encoder::MemArg {
            offset: 22,
            align: 2,
            target: wasm_encoder::MemArgTarget::Memory(0),
            ordering: None,
        }));
        function.instruction(&Instruction::Drop);
        function.instruction(&Instruction::I64Const(33 << 32 | 44));
        function.instruction(&Instruction::Drop);
        function.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&code);
        let bytes = module.finish();
        let mut seen = Vec::new();
        each_number(&Program::read(&bytes).unwrap().bodies[0], |it| seen.push(it)).unwrap();
        assert_eq!(seen, [11, 22, 44, 33]);
    }

    #[test]
    fn names_are_the_same_wherever_crates_lie() {
        let one = "_RNCNvXs3_NtNtNtCs2FlqWJP86hM_8mailable2ui3kit7elementNtB7_4PartINtNtCs1OA3ihfmHv5_4core7convert4From";
        let other = "_RNCNvXs3_NtNtNtCsabc_8mailable2ui3kit7elementNtB9z_4PartINtNtCsXyZ012_4core7convert4From.llvm.17";
        assert_eq!(line_of(one), line_of(other));
        assert_ne!(line_of(one), line_of(&one.replace("Part", "Pars")));
    }
}
