//! AWS Security Hub.

use crate::sections::sign_in::section_with_sign_in;
use crate::{Endpoint, Period, RegionName};

section_with_sign_in! {
    /// AWS Security Hub. Each account's findings must be written by the account itself: with a name as
    /// `iam_role`, that role is assumed in each of them; otherwise all findings go to the account that
    /// signs in.
    #[schemars(inline)]
    pub struct SecurityHub {
        /// Region of the Security Hub. As the AWS configuration has it unless given.
        #[schemars(extend("examples" = ["eu-west-1"]))]
        pub region: Option<RegionName> = None,
        ..sign_in,
        /// How long one request may take, the answer included.
        pub timeout: Period = Period::from_secs(30),
        /// Endpoint to call in place of AWS's own.
        #[schemars(extend("examples" = ["https://vpce-0a1b.securityhub.eu-west-1.vpce.amazonaws.com"]))]
        pub endpoint_url: Option<Endpoint> = None,
    }
}
