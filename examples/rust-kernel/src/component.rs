//! A component instead of a module: typed functions with text, and a host function that the guest waits for without blocking
//! the kernel. The platform has `runtime.component-model` and `runtime.async` on.

use alloc::boxed::Box;
use alloc::string::String;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use minplat::wasmtime::component::Linker;
use minplat::wasmtime::{Engine, Result, Store, StoreContextMut, error::format_err};

use crate::say;

/// `guests/greet.wat`, compiled by `build.rs`.
mod greet {
    include!(concat!(env!("OUT_DIR"), "/greet.rs"));
}

pub(crate) fn run(engine: &Engine) -> Result<()> {
    // SAFETY: build.rs put the output of minplat-compile into this program, and nobody else writes there.
    let component = unsafe { minplat::load_component(engine, greet::GREET) }.map_err(|error| format_err!("{error}"))?;

    let mut linker = Linker::<u32>::new(engine);
    linker.root().func_wrap_async("next-number", |mut store: StoreContextMut<'_, u32>, (): ()| {
        Box::new(async move {
            // As if a device had to be asked: nothing the first time, and an interrupt would wake us.
            let mut asked = false;
            poll_fn(|_| if core::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }).await;
            *store.data_mut() += 1;
            Ok((*store.data(),))
        })
    })?;

    let mut store = Store::try_new(engine, 0)?;
    block_on(async {
        let instance = linker.instantiate_async(&mut store, &component).await?;
        let greet = instance.get_typed_func::<(&str,), (String,)>(&mut store, "greet")?;
        say!("greet: {}", greet.call_async(&mut store, ("component",)).await?.0);
        let sum = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "sum")?;
        say!("sum(4) = {}", sum.call_async(&mut store, (4,)).await?.0);
        Ok(())
    })
}

/// Polls until it is done, and tells how often it had to wait. Where a kernel has a scheduler, that comes here.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let mut future = pin!(future);
    let mut waits = 0;
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => {
                say!("the kernel waited {waits} times");
                return done;
            }
            Poll::Pending => waits += 1,
        }
    }
}
