//! Tables in the test's own memory, walked as a machine walks them.

use std::cell::{Cell, RefCell};

use page_table_entry::GenericPTE;
use page_table_entry::x86_64::X64PTE;

use super::*;

struct Paper;

thread_local! {
    /// The first table of a memory whose `forget` is noted.
    static WATCHED: Cell<Option<usize>> = const { Cell::new(None) };
    /// Which pages it was called with, and whether nothing was there then.
    static FORGOTTEN: RefCell<Vec<(usize, bool)>> = const { RefCell::new(Vec::new()) };
    /// What was made code of, in order: first byte and bytes.
    static PUBLISHED: RefCell<Vec<(usize, usize)>> = const { RefCell::new(Vec::new()) };
}

/// What `job` has the TLB forget.
fn forgotten(memory: &mut Memory<Paper>, job: impl FnOnce(&mut Memory<Paper>)) -> Vec<(usize, bool)> {
    WATCHED.set(Some(memory.root()));
    job(memory);
    WATCHED.set(None);
    FORGOTTEN.take()
}

// SAFETY: nobody but the test walks the tables.
unsafe impl Machine for Paper {
    type Entry = X64PTE;
    const SHARED: u64 = 1 << 9;
    const LEVELS: usize = 4;
    const SPACE: core::ops::Range<usize> = 1 << 36..1 << 47;
    fn forget(start: usize, _pages: usize) {
        if let Some(root) = WATCHED.get() {
            let is_nothing = walk(root, start).is_none();
            FORGOTTEN.with_borrow_mut(|forgotten| forgotten.push((start, is_nothing)));
        }
    }
    fn publish(start: usize, bytes: usize) {
        PUBLISHED.with_borrow_mut(|published| published.push((start, bytes)));
    }
}

/// Three levels, and an address space in the upper half.
struct Upper;

// SAFETY: as above.
unsafe impl Machine for Upper {
    type Entry = X64PTE;
    const SHARED: u64 = 1 << 9;
    const LEVELS: usize = 3;
    const SPACE: core::ops::Range<usize> = 0xffff_ffc0_0000_0000..0xffff_ffff_c000_0000;
    fn forget(_start: usize, _pages: usize) {}
    fn publish(_start: usize, _bytes: usize) {}
}

const FRAMES: usize = 200;

/// Memory of so many frames, and one for the counts.
fn memory(frames: usize) -> Memory<Paper> {
    memory_of(frames)
}

fn memory_of<M: Machine>(frames: usize) -> Memory<M> {
    let bytes = vec![0xa5u8; (frames + 2) * PAGE].leak();
    let start = bytes.as_mut_ptr().expose_provenance().next_multiple_of(PAGE);
    let mut all = Frames::new();
    // SAFETY: the memory was leaked, so nobody has it.
    assert!(unsafe { all.add(start, start + (frames + 1) * PAGE) });
    assert_eq!(all.total(), frames);
    Memory::new(all, [0x2000..0x4000, 0x8000..0x9000]).unwrap()
}

/// What the machine finds at an address.
fn seen(memory: &Memory<Paper>, address: usize) -> Option<(usize, Flags)> {
    walk(memory.root(), address)
}

fn walk(root: usize, address: usize) -> Option<(usize, Flags)> {
    let mut table = root;
    for level in (0..4).rev() {
        let index = address >> (12 + 9 * level) & 511;
        // SAFETY: a table of the tree.
        let entry = unsafe { core::ptr::with_exposed_provenance::<X64PTE>(table).add(index).read() };
        if !entry.is_present() {
            return None;
        }
        if level == 0 || entry.is_huge() {
            return Some((entry.paddr().as_usize() + address % (PAGE << (9 * level)), entry.flags()));
        }
        table = entry.paddr().as_usize();
    }
    None
}

/// Accesses as the machine makes them: `None` is a fault.
fn load(memory: &Memory<Paper>, address: usize) -> Option<u8> {
    let (at, flags) = seen(memory, address)?;
    // SAFETY: a frame of the test.
    flags.contains(Flags::READ).then(|| unsafe { core::ptr::with_exposed_provenance::<u8>(at).read() })
}

fn store(memory: &mut Memory<Paper>, address: usize, byte: u8) -> Option<()> {
    let (mut at, mut flags) = seen(memory, address)?;
    if !flags.contains(Flags::WRITE) && memory.copy_on_write(address) {
        (at, flags) = seen(memory, address).unwrap();
    }
    // SAFETY: a frame of the test.
    flags.contains(Flags::WRITE).then(|| unsafe { core::ptr::with_exposed_provenance_mut::<u8>(at).write(byte) })
}

#[test]
fn a_reservation_takes_nothing_until_a_part_is_used() {
    let mut memory = memory(FRAMES);
    let first = memory.map(PAGE, Protection::None).unwrap();
    let before = memory.stats().used;
    let large = memory.map(1 << 40, Protection::None).unwrap();
    assert_eq!(memory.stats().used, before, "its record is in a frame that is there");
    assert_eq!(load(&memory, large), None);
    memory.protect(large + (1 << 39), 1, Protection::ReadWrite).unwrap();
    assert_eq!(memory.stats().used, before + 4 * PAGE, "a page and a table of each level");
    assert_eq!(load(&memory, large + (1 << 39)), Some(0));
    assert_eq!(load(&memory, large + (1 << 39) + PAGE), None);
    memory.unmap(large, 1 << 40).unwrap();
    memory.unmap(first, PAGE).unwrap();
    assert_eq!(memory.stats().used, before, "tables go back too");
}

#[test]
fn what_becomes_code_is_published_and_nothing_else() {
    let mut memory = memory(FRAMES);
    let mut published = |job: &mut dyn FnMut(&mut Memory<Paper>)| {
        job(&mut memory);
        PUBLISHED.take()
    };
    let mut at = 0;
    assert_eq!(published(&mut |memory| at = memory.map(3 * PAGE, Protection::ReadWrite).unwrap()), []);
    // As many bytes as were asked for.
    assert_eq!(
        published(&mut |memory| memory.protect(at, PAGE + 9, Protection::ReadExecute).unwrap()),
        [(at, PAGE + 9)]
    );
    for not_code in [Protection::Read, Protection::ReadWrite, Protection::None] {
        assert_eq!(published(&mut |memory| memory.protect(at, 3 * PAGE, not_code).unwrap()), [], "{not_code:?}");
    }
    assert_eq!(published(&mut |memory| memory.protect(at, 0, Protection::ReadExecute).unwrap()), []);
    assert_eq!(published(&mut |memory| assert!(memory.protect(at, 9 * PAGE, Protection::ReadExecute).is_err())), []);
    assert_eq!(published(&mut |memory| memory.unmap(at, 3 * PAGE).unwrap()), []);
}

#[test]
fn what_is_permitted_is_what_the_tables_say() {
    let mut memory = memory(FRAMES);
    let at = memory.map(3 * PAGE, Protection::ReadWrite).unwrap();
    store(&mut memory, at + PAGE, 7).unwrap();
    for (protection, read, write, execute) in [
        (Protection::Read, true, false, false),
        (Protection::None, false, false, false),
        (Protection::ReadExecute, true, false, true),
        (Protection::ReadWrite, true, true, false),
    ] {
        memory.protect(at + PAGE, PAGE - 1, protection).unwrap();
        assert_eq!(load(&memory, at + PAGE), read.then_some(7));
        assert_eq!(store(&mut memory, at + PAGE, 7).is_some(), write);
        assert_eq!(seen(&memory, at + PAGE).is_some_and(|(_, flags)| flags.contains(Flags::EXECUTE)), execute);
        assert_eq!(load(&memory, at + 2 * PAGE), Some(0), "the next page is as it was");
    }
    assert_eq!(Protection::from_bits(6), Err(Error::Argument));
    assert_eq!(Protection::from_bits(7), Err(Error::Argument));
}

#[test]
fn memory_that_runs_out_is_an_error_and_nothing_has_changed() {
    let mut memory = memory(FRAMES);
    let at = memory.map(400 * PAGE, Protection::None).unwrap();
    memory.protect(at, PAGE, Protection::ReadWrite).unwrap();
    store(&mut memory, at, 9).unwrap();
    memory.protect(at, PAGE, Protection::Read).unwrap();
    let before = memory.stats();
    assert_eq!(memory.protect(at, 400 * PAGE, Protection::ReadWrite), Err(Error::OutOfMemory));
    assert_eq!(memory.map(400 * PAGE, Protection::ReadWrite), Err(Error::OutOfMemory));
    assert_eq!(memory.remap(at, 400 * PAGE, Protection::ReadWrite), Err(Error::OutOfMemory));
    assert_eq!(memory.map(usize::MAX - PAGE + 1, Protection::None), Err(Error::OutOfMemory));
    assert_eq!(memory.map(1 << 63, Protection::ReadWrite), Err(Error::OutOfMemory));
    assert_eq!(memory.stats(), before);
    assert_eq!(load(&memory, at), Some(9));
    assert_eq!(store(&mut memory, at, 1), None);
    // To the last frame, and again.
    for _ in 0..2 {
        let mut taken = Vec::new();
        while let Ok(page) = memory.map(PAGE, Protection::ReadWrite) {
            assert_eq!(load(&memory, page), Some(0));
            store(&mut memory, page, 0xff).unwrap();
            taken.push(page);
        }
        assert!(taken.len() > 150 && memory.stats().used == memory.stats().total, "{} pages", taken.len());
        for page in taken {
            memory.unmap(page, PAGE).unwrap();
        }
    }
    memory.unmap(at, 400 * PAGE).unwrap();
}

#[test]
fn only_what_was_given_out_is_given_back() {
    let mut memory = memory(FRAMES);
    let one = memory.map(3 * PAGE, Protection::ReadWrite).unwrap();
    let other = memory.map(PAGE, Protection::ReadWrite).unwrap();
    assert!(other > one + 3 * PAGE, "there is a page between them");
    for (start, size) in
        [(one, 2 * PAGE), (one, 4 * PAGE), (one + PAGE, 2 * PAGE), (0x2000, PAGE), (other + PAGE, PAGE)]
    {
        assert_eq!(memory.unmap(start, size), Err(Error::NotMapped));
        assert_eq!(memory.remap(start.max(1 << 37), size, Protection::Read), Err(Error::NotMapped));
    }
    assert_eq!(memory.protect(one, 4 * PAGE, Protection::Read), Err(Error::NotMapped));
    memory.unmap(one, 3 * PAGE).unwrap();
    assert_eq!(memory.unmap(one, 3 * PAGE), Err(Error::NotMapped));
    assert_eq!(memory.map(2 * PAGE, Protection::None), Ok(one), "the first that fits");
}

#[test]
fn pages_that_are_replaced_are_blank() {
    let mut memory = memory(FRAMES);
    let at = memory.map(3 * PAGE, Protection::ReadWrite).unwrap();
    for page in 0..3 {
        store(&mut memory, at + page * PAGE, 5).unwrap();
    }
    let used = memory.stats().used;
    memory.remap(at + PAGE, PAGE, Protection::Read).unwrap();
    assert_eq!([0, 1, 2].map(|page| load(&memory, at + page * PAGE)), [Some(5), Some(0), Some(5)]);
    assert_eq!(memory.stats().used, used);
    memory.remap(at + PAGE, PAGE, Protection::None).unwrap();
    assert_eq!(memory.stats().used, used - PAGE);
}

fn image(memory: &mut Memory<Paper>) -> usize {
    let bytes: Vec<u8> = (0..3 * PAGE).map(|at| (at / PAGE) as u8 + 1).collect();
    // SAFETY: the bytes are there.
    unsafe { memory.image(bytes.as_ptr(), bytes.len()) }.unwrap()
}

/// `map_image` of an image that is there.
fn mapped(memory: &mut Memory<Paper>, image: usize, at: usize, len: usize) -> Result<(), Error> {
    let (header, _) = seen(memory, image).unwrap();
    // The machine would read the length at the image's address; the test has no such machine, so it gives the frame's.
    // SAFETY: the first frame of an image.
    let contents = unsafe { core::ptr::with_exposed_provenance::<usize>(header).read() };
    assert!(len <= contents);
    memory.back(at, len, Protection::ReadWrite, Fill::Image(image + PAGE))
}

#[test]
fn an_image_is_shared_until_it_is_written() {
    let mut memory = memory(FRAMES);
    let image = image(&mut memory);
    let (one, other) = (memory.map(1 << 30, Protection::None).unwrap(), memory.map(1 << 30, Protection::None).unwrap());
    mapped(&mut memory, image, one, 3 * PAGE).unwrap();
    mapped(&mut memory, image, other, 3 * PAGE).unwrap();
    let used = memory.stats().used;
    assert_eq!([0, 1, 2].map(|page| load(&memory, one + page * PAGE)), [Some(1), Some(2), Some(3)]);
    store(&mut memory, one + PAGE, 9).unwrap();
    assert_eq!((memory.stats().used, memory.stats().copied), (used + PAGE, 1), "one page was copied");
    assert_eq!(load(&memory, one + PAGE), Some(9));
    assert_eq!(load(&memory, other + PAGE), Some(2));
    assert_eq!(load(&memory, image + 2 * PAGE), Some(2));
    // A page that is read-only by its protection is no page to be copied.
    memory.protect(other, PAGE, Protection::Read).unwrap();
    assert_eq!(store(&mut memory, other, 1), None);
    memory.protect(other, PAGE, Protection::None).unwrap();
    assert_eq!(load(&memory, other), None);
    memory.protect(other, PAGE, Protection::ReadWrite).unwrap();
    store(&mut memory, other, 4).unwrap();
    assert_eq!([load(&memory, one), load(&memory, other)], [Some(1), Some(4)]);
    // It is as new when it is mapped again.
    mapped(&mut memory, image, one, 3 * PAGE).unwrap();
    assert_eq!(load(&memory, one + PAGE), Some(2));
    // Given up, what is mapped stays; the last owner of a frame writes to it without a copy.
    memory.unmap(image, 4 * PAGE).unwrap();
    memory.unmap(other, 1 << 30).unwrap();
    let used = memory.stats().used;
    store(&mut memory, one + 2 * PAGE, 8).unwrap();
    assert_eq!(load(&memory, one + 2 * PAGE), Some(8));
    assert_eq!(memory.stats().used, used);
    memory.unmap(one, 1 << 30).unwrap();
    assert_eq!(memory.stats().used, 2 * PAGE, "the first table, and the records");
    assert_eq!(memory.frames.available(), FRAMES - 2, "nothing is promised any more");
}

#[test]
fn what_a_write_will_take_is_put_aside() {
    let mut memory = memory(FRAMES);
    let image = image(&mut memory);
    let at = memory.map(3 * PAGE, Protection::None).unwrap();
    mapped(&mut memory, image, at, 3 * PAGE).unwrap();
    while memory.map(PAGE, Protection::ReadWrite).is_ok() {}
    for page in 0..3 {
        store(&mut memory, at + page * PAGE, 1).unwrap();
    }
    assert_eq!(memory.frames.available(), 0);
}

#[test]
fn blocks_are_split_where_a_part_changes() {
    let mut memory = memory(FRAMES);
    let (start, end) = (0x4000_0000, 0x8040_0000);
    memory.identity(start..end, Flags::READ).unwrap();
    assert_eq!(memory.stats().used, 3 * PAGE, "a block of 1 GiB, two of 2 MiB");
    let before = memory.stats().used;
    memory.protect(0x8000_0000, 1 << 21, Protection::ReadExecute).unwrap();
    assert_eq!(memory.stats().used, before);
    memory.protect(0x8020_1000, 5, Protection::ReadExecute).unwrap();
    assert_eq!(memory.stats().used, before + PAGE);
    for (at, flags) in [
        (0x7fff_ffff, Flags::READ),
        (0x801f_ffff, Flags::READ | Flags::EXECUTE),
        (0x8020_0fff, Flags::READ),
        (0x8020_1004, Flags::READ | Flags::EXECUTE),
        (0x8020_2000, Flags::READ),
    ] {
        assert_eq!(seen(&memory, at), Some((at, flags)), "{at:#x}");
    }
    assert_eq!(memory.protect(end - PAGE, 2 * PAGE, Protection::Read), Err(Error::NotMapped));
}

#[test]
fn nothing_is_there_between_one_frame_and_another() {
    let mut memory = memory(FRAMES);
    let image = image(&mut memory);
    let at = memory.map(3 * PAGE, Protection::ReadWrite).unwrap();
    let pages = [0, 1, 2].map(|page| at + page * PAGE);
    let before = pages.map(|page| seen(&memory, page));
    let told = forgotten(&mut memory, |memory| mapped(memory, image, at, 3 * PAGE).unwrap());
    assert!(pages.iter().zip(before).all(|(page, before)| seen(&memory, *page) != before));
    assert_eq!((told.contains(&(at, true)), told.last()), (true, Some(&(at, false))), "an image in place of memory");
    let told = forgotten(&mut memory, |memory| store(memory, at + PAGE, 9).unwrap());
    assert_eq!(told, [(at + PAGE, true), (at + PAGE, false)], "a copy in place of the image's page");
    let told = forgotten(&mut memory, |memory| memory.protect(at, PAGE, Protection::Read).unwrap());
    assert_eq!(told, [(at, true), (at, false)], "the same where it is to be read alone");
    let told = forgotten(&mut memory, |memory| memory.remap(at, PAGE, Protection::ReadWrite).unwrap());
    assert_eq!(told, [(at, true), (at, false)], "a blank page in place of the copy");
    // Tables that go are forgotten, each before it is anything else.
    let large = memory.map(1 << 40, Protection::None).unwrap();
    memory.protect(large + (1 << 39), PAGE, Protection::ReadWrite).unwrap();
    let told = forgotten(&mut memory, |memory| memory.unmap(large, 1 << 40).unwrap());
    assert_eq!(told.len(), 4, "three tables, and all of it at last: {told:?}");
    assert!(told.iter().all(|(_, is_nothing)| *is_nothing), "{told:?}");
}

#[test]
fn constants_are_never_written() {
    let mut memory = memory(FRAMES);
    memory.identity(0x1000..0x5000, Flags::READ | Flags::WRITE).unwrap();
    memory.protect(0x2000, PAGE, Protection::ReadExecute).unwrap();
    memory.protect(0x2000, PAGE, Protection::ReadWrite).unwrap();
    assert_eq!(seen(&memory, 0x2000), Some((0x2000, Flags::READ)));
    memory.protect(0x4000, PAGE, Protection::ReadWrite).unwrap();
    assert_eq!(seen(&memory, 0x4000), Some((0x4000, Flags::READ | Flags::WRITE)));
    memory.identity(0x8000..0x9000, Flags::READ).unwrap();
    memory.protect(0x8000, PAGE, Protection::ReadWrite).unwrap();
    assert_eq!(seen(&memory, 0x8000), Some((0x8000, Flags::READ)));
}

#[test]
fn a_limit_is_what_can_be_had_from_now_on() {
    let mut memory = memory(FRAMES);
    let before = memory.map(5 * PAGE, Protection::ReadWrite).unwrap();
    memory.limit(10 * PAGE);
    assert_eq!(memory.map(11 * PAGE, Protection::ReadWrite), Err(Error::OutOfMemory));
    memory.map(10 * PAGE, Protection::ReadWrite).unwrap();
    assert_eq!(memory.map(PAGE, Protection::ReadWrite), Err(Error::OutOfMemory));
    memory.unmap(before, 5 * PAGE).unwrap();
    memory.map(5 * PAGE, Protection::ReadWrite).unwrap();
}

#[test]
fn the_upper_half_is_as_good() {
    let mut memory = memory_of::<Upper>(FRAMES);
    let all = Upper::SPACE.end - Upper::SPACE.start;
    let start = memory.map(all - 2 * PAGE, Protection::None).unwrap();
    assert_eq!(start, Upper::SPACE.start);
    for page in [start, start + ((all / 2) & !(PAGE - 1)), start + all - 3 * PAGE] {
        assert_eq!(memory.tables.frame(page), None);
        memory.protect(page, PAGE, Protection::ReadWrite).unwrap();
        assert!(memory.tables.frame(page).is_some(), "{page:#x}");
    }
    // What no address of three levels is, is not taken for one that is.
    assert_eq!(memory.tables.frame(start & ((1 << 39) - 1)), None);
    memory.unmap(start, all - 2 * PAGE).unwrap();
    let image = [7; PAGE];
    // SAFETY: the bytes are there.
    let image = unsafe { memory.image(image.as_ptr(), PAGE) }.unwrap();
    let (header, contents) = (memory.tables.frame(image).unwrap(), memory.tables.frame(image + PAGE).unwrap());
    // SAFETY: frames of the test.
    unsafe {
        assert_eq!(core::ptr::with_exposed_provenance::<usize>(header).read(), PAGE);
        assert_eq!(core::ptr::with_exposed_provenance::<u8>(contents + PAGE - 1).read(), 7);
    }
}
