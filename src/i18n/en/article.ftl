# What an initiative looks like on other servers, in its own language.
article-problem = Problem
article-proposal = Proposed change
