//! From a [`Rule`] to the exports of a component.

use crate::{
    bindings::plugin::{Assessment, Problem, Subject, Tailored},
    parameter::FromJson as _,
    rule::Rule,
};
use std::sync::OnceLock;

/// Where a component keeps its configured rule: `configure` comes once, before the first `assess`.
#[derive(Debug)]
pub struct Slot<R>(OnceLock<R>);

impl<R: Rule> Slot<R> {
    /// A component that is not configured yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a static needs a constant")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Configures the rule; returns its manifest with the parameters, where these change it.
    ///
    /// # Errors
    /// The problems of the parameters; the path is empty where the whole is wrong.
    pub fn configure(&self, parameters: &str) -> Result<Option<Tailored>, Vec<Problem>> {
        let parameters = R::Parameters::from_json(parameters).map_err(|problem| vec![problem])?;
        let rule = R::configure(parameters)?;
        let tailored = rule.tailored();
        self.0.set(rule).map_err(|_| vec![Problem::of("", "configured twice: make a new instance")])?;
        Ok(tailored)
    }

    /// Assesses each subject separately.
    ///
    /// # Panics
    /// When `configure` did not come before: the host breaks the contract.
    #[must_use]
    pub fn assess(&self, subjects: &[Subject]) -> Vec<Assessment> {
        let Some(rule) = self.0.get() else { panic!("`assess` before `configure`") };
        subjects.iter().map(|subject| rule.assess(subject)).collect()
    }
}

/// Exports a [`Rule`] as the component that this crate becomes when it is built for `wasm32`. Elsewhere it
/// does nothing, so that rules can be linked into native tests.
#[macro_export]
macro_rules! export {
    ($rule:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            static SLOT: $crate::internal::Slot<$rule> = $crate::internal::Slot::new();

            struct Component;

            impl $crate::Guest for Component {
                fn describe() -> $crate::Manifest {
                    <$rule as $crate::Rule>::manifest()
                }

                fn configure(
                    parameters: ::std::string::String,
                ) -> Result<::std::option::Option<$crate::Tailored>, ::std::vec::Vec<$crate::Problem>> {
                    SLOT.configure(&parameters)
                }

                fn assess(none: ::std::vec::Vec<$crate::Subject>) -> ::std::vec::Vec<$crate::Assessment> {
                    // The subjects have been read separately. Even dropping an empty list takes code for everything that it
                    // could hold.
                    ::std::mem::forget(none);
                    SLOT.assess($crate::internal::subjects())
                }
            }

            $crate::export_component! { Component }
        };
    };
}

/// The functions of a component: those of `wit-bindgen`, but subjects are read by the SDK.
#[doc(hidden)]
#[macro_export]
macro_rules! export_component {
    ($component:ident) => {
        use $crate::internal::plugin;

        #[unsafe(export_name = "tierwatch:rule/plugin@1.0.0#describe")]
        unsafe extern "C" fn describe() -> *mut u8 {
            unsafe { plugin::_export_describe_cabi::<$component>() }
        }

        #[unsafe(export_name = "cabi_post_tierwatch:rule/plugin@1.0.0#describe")]
        unsafe extern "C" fn described(answer: *mut u8) {
            unsafe { plugin::__post_return_describe::<$component>(answer) }
        }

        #[unsafe(export_name = "tierwatch:rule/plugin@1.0.0#configure")]
        unsafe extern "C" fn configure(start: *mut u8, bytes: usize) -> *mut u8 {
            unsafe { plugin::_export_configure_cabi::<$component>(start, bytes) }
        }

        #[unsafe(export_name = "cabi_post_tierwatch:rule/plugin@1.0.0#configure")]
        unsafe extern "C" fn configured(answer: *mut u8) {
            unsafe { plugin::__post_return_configure::<$component>(answer) }
        }

        #[unsafe(export_name = "tierwatch:rule/plugin@1.0.0#assess")]
        unsafe extern "C" fn assess(start: *mut u8, count: usize) -> *mut u8 {
            unsafe {
                $crate::internal::read_subjects(start, count);
                // Without subjects, so that the compiler removes the generated code that reads them.
                plugin::_export_assess_cabi::<$component>(start, 0)
            }
        }

        #[unsafe(export_name = "cabi_post_tierwatch:rule/plugin@1.0.0#assess")]
        unsafe extern "C" fn assessed(answer: *mut u8) {
            unsafe { plugin::__post_return_assess::<$component>(answer) }
        }
    };
}
