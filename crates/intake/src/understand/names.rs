//! Names of people: common British given names and surnames, and how they stand in a text.
//!
//! The lists were written for this program from general knowledge of names in use in the United
//! Kingdom (English, Welsh, Scottish, Irish, South Asian, Muslim, African, Caribbean, Polish and
//! other European ones); they copy no data set and are under the licence of the whole. A list
//! cannot know everybody: unknown surnames are still noticed beside a known given name.

use std::sync::LazyLock;

use super::patterns::{Title, title};

/// Given names that are hardly ever anything else.
#[rustfmt::skip]
const GIVEN: &str = "
aaliyah aaron abbie abdirahman abdul abdullah abdullahi abigail abimbola abu adam adebayo adele adeola adnan
adrian adriana agata agnes agnieszka ahmad ahmed aidan aimee aisha aishah akua alan alana alasdair alastair
albert alejandro aleksander aleksandr aleksandra alesha alex alexander alexandra alexis alfie ali alice alicia
alina alisha alison alistair aliyah allan allison alun amanda amara amelia amelie amina aminata amir amira amit
amrit amy ana anand anastasia andrea andreea andrei andrew andrzej andy aneesa aneta angela angelika angharad
angus anika anil anita anjali ann anna annabel anne annette annie anthony antonia antonio anwar aoife arjun
arkadiusz artur arun arwen asad asha ashok ashraf asif asma ayaan ayesha ayodele azad aziz barbara bartosz beata
beatrice becky benjamin bernadette bernard beth bethan bethany bilal bogdan boris brenda brendan brian brianna
bridget bronwen bryan bryn caitlin callum cameron camilla carl carla carol carole caroline carolyn catherine
cathy catriona cecilia ceri charlene charles charlie charlotte cheryl chidi chinedu chioma chloe chris christina
christine christopher ciara ciaran claire clare claudia clive colin connie connor conor courtney craig cristina
daniel daniela danielle danuta daria darius darren dave david debbie deborah deepak deirdre delroy denise dennis
derek desmond dewi diana diane diego dilip dimitri dinesh dominic dominik donald donna dorota dorothy douglas
duncan dylan eamon edith edward eileen eilidh elaine eleanor elena elif elijah elizabeth ella ellen ellie eloise
elsie emeka emilia emily emma emmanuel eoin eric erica erin esme esra estelle esther ethan eugene eva evelyn ewa
ewan fadumo faisal farah farhan farida fatima fatimah fatma fatou felicity fergus fiona francesca francis
francisco fraser freddie frederick freya gabriel gabriela gareth gary gavin gemma geoff geoffrey gerald gerard
gethin giles gillian gina giovanni gita glenda glenn gloria gordana gordon graham grzegorz guilherme gurdeep
gurpreet gwen gwyneth habib hadiya hafsa halima hamid hamish hamza hanna hannah harjit harpreet harriet harry
harvinder hasan hassan hayley hazel heidi helen helena henry hilary hugh hugo husain husnain hussain hussein hye
iain ian ibrahim idris ifeoma imogen imran ines ingrid iqra irena irene irina isaac isabel isabella isabelle
isha ishaan isla ismail ivan iwona jacek jackie jacob jacqueline jade jaden jagdeep jakub jamal jamie jamila
jane janet janice janine janusz jaroslaw jason jaspreet javed javier jayden jayne jean jeanette jeffrey jemima
jennifer jenny jeremy jerome jerzy jessica jill jim jimmy jo joan joanna joanne jodie joe joel johanna john
jolanta jon jonathan jose joseph josephine josh joshua joyce juan judith julia julian julie justin justyna
kacper kamal kamil kamila karen karim karina karl karolina kasia katarzyna kate katherine kathleen kathryn katie
katrina kavita kayleigh keeley keiran keith kelechi kelly kenneth kerry kevin khadija khadijah khalid kiera
kieran kimberley kiran kirsten kirsty krystyna krzysztof kuldeep kunal kwabena kwame kyle lakshmi lara latifa
laura lauren lawrence layla leah leanne leila lena leon leonard leonie lesley leslie lewis liam libby lidia
linda lindsay lindsey lisa liz lloyd logan lorna lorraine louis louisa louise lucia lucy lukasz luke lydia lynda
lynn lynne lynsey maciej mackenzie maddison madeleine madison maeve magdalena mahmood mahmoud maisie malcolm
malgorzata malik mandeep mandy manjit manoj marcin marcus marek margaret maria mariam mariana marie marilyn
mariusz marjorie marlena marta martyna marwa maryam mateusz matilda matthew maureen maxine maxwell meera megan
mehmet melanie melissa memoona mercedes meryem michael michaela michal michelle miguel mikolaj milena miriam
miroslaw misbah mohamed mohammad mohammed mohan moira molly monica monika morgan muhammad mujahid murtaza musa
mustafa myfanwy nabila nadeem nadia naeem nafisa nancy naomi nasir natalia natalie natasha nathan nathaniel
naveed navid neelam neha neil nerys ngozi niamh nicholas nicky nicola nicole nigel nikhil nikki nina nisha noah
noreen norma norman nuala nuno oleksandr olena olga oliver olivia oliwia oliwier oluwaseun omar omari orla oscar
osman owain owen oyin pamela parveen patricia patrick patryk paula pauline pavel pawel pedro penelope petra
philip philippa phillip phoebe phyllis piotr pooja pradeep prakash pratima praveen priya priyanka przemyslaw
qasim rabia rachael rachel radoslaw rafal rafiq raheem rahima rahul raj rajan rajesh rajinder raluca ranjit
raquel rashid raymond razia rebecca reece reena rehana renata reuben rhian rhiannon rhys ricardo richard rizwan
robert roberta roberto roderick rodrigo rohan roisin romana ronald ronnie rosalind rosemary roshni roxanne
rukhsana rupert russell rutendo ruth ryan ryszard saba sabrina sadia safa sahar saima saira sajid salma salman
samantha sameera samir samuel sana sandeep sandra sanjay sara sarah sasha satnam scott sean sebastian seema
selina shabana shabir shahid shahida shakeel shamima shane shanice shanta sharon shaun shauna sheila shelley
shirley shivani shona shreya sian sidra siobhan slawomir sofia sohail sonia sophia sophie stacey stefan stella
stephanie stephen steve steven stewart stuart subhash sufyan suleman sultana sumaya sunil sunita suresh surinder
surjit susan susanna suzanne svetlana syed sylvia szymon tabitha tahir tamara tamika tanisha tanya tariq tatiana
temitope terence teresa terry thelma theo theresa thomas tiffany timothy tobias toby tomasz tony tracey tracy
tremaine trevor tristan tyler tyrone uchenna umar usha usman valentina valerie vanessa vera veronica vijay
vikram viktoria vincent vinod vivien vivienne waheed waldemar walid waseem wayne wendy wiktor wiktoria wilfred
william winston wojciech xavier yasmin yasmine yolanda younis yousef yuki yusuf yvette yvonne zachary zahid
zahra zain zainab zara zbigniew zeeshan zeinab zoe zofia zosia zubair zuzanna
";

/// Given names that are months, places, plants and common words as well.
#[rustfmt::skip]
const GIVEN_DOUBTFUL: &str = "
amber april ash ashleigh ashley aurora austin autumn ben bill billy bob bradley brook brooke carter chelsea
chester christian cliff crystal daisy dale dan dawn dean drew earl eden eve faith florence frank fred gale
george georgia georgina glen grace grant guy harvey heather holly hope hunter iris ivy jack jackson james
jasmine jay jordan joy june ken kent kim kit lee lily lincoln lola luca mark martin mary mason max may mercy
mike miles mo nick noel olive paris parker pat paul pearl peggy penny percy peter phil poppy preston rob robin
roger rory rose ross roy ruby rusty sally sam sandy savannah sharn shaw sidney sky skye stan stanley sue summer
sydney tara taylor ted tim tina todd tom troy victor victoria vince violet virginia will
";

/// Common surnames.
#[rustfmt::skip]
const SURNAMES: &str = "
abbott abdi abdullah abraham adams adamski adebayo adeyemi afolabi agarwal ahmad ahmed akhtar akinola alam ali
allen allison amin anderson andrews anwar armstrong arnold arora ashraf ashton asif atkins atkinson austin aziz
bailey baker balogun banerjee bangura baptiste barber barker barnes barnett baron barrett barry bartlett barton
bates baxter begum bell bennett benson berry bevan bhatt bibi bird bishop black blackburn blake boateng bond
booth bowen boyd boyle bradley bradshaw brady brennan briggs brookes brooks brown bruce bryan bryant buckley
burgess burke burns burrows burton butcher butler byrne cameron campbell carpenter carr carroll carter chadwick
chambers chan chandler chapman chaudhary chaudhry chauhan chen cheung choudhury chowdhury christie clark clarke
clayton clements cohen cole coleman coles collins connolly conteh cook cooke cooper costa cox craig crawford
cross crossley cunningham curtis da dabrowska dabrowski dale daniels das davidson davies davis davison dawson
day dean dempsey dennis desai dhillon diallo dias dickinson dixon dobson docherty doherty donaldson donnelly
douglas doyle duffy duncan dunn dunne dyer edwards elliott ellis evans everett exampleton farah farooq farrell
ferguson fernandes field finch fisher fitzgerald fitzpatrick fleming fletcher flynn forbes ford forster foster
fowler fox francis franklin fraser freeman french frost fuller gallagher garcia gardiner gardner garner george
georgiou gibbons gibbs gibson gilbert giles gill glover goddard goldberg gomes goncalves gonzalez goodman
goodwin gordon gough graham grant gray green greenwood gregory grey griffin griffiths gupta haider hale hall
hamilton hammond hancock hanson harding hardy harper harris harrison hart hartley harvey hassan hawkins hayes
haynes hayward heath henderson henry herbert hewitt hicks higgins hill hilton hobbs hodgson holden holland
holloway holmes holt hope hopkins houghton howard howarth howe howell howells hudson hughes humphreys hunt
hunter hurst hussain hussein hutchinson hyde ibrahim idowu igwe iqbal ireland islam ismail iyer jackson jacobs
jama james jamieson jankowska jankowski jarvis jenkins jennings jensen john johnson johnston johnstone jones
jordan joseph joshi joyce kaczmarek kamara kaminska kaminski kang kapoor karim kaur kavanagh kay kaya kelly kemp
kennedy kerr khalid khan khatun kim king kirby kirk knight knowles kowalczyk kowalska kowalski kozlowska
kozlowski krawczyk krishnan kumar kwiatkowska kwiatkowski lam lamb lambert lane lawrence lawson leach lee lees
leigh leonard lewandowska lewandowski lewis lim lin lindsay little liu lloyd logan long lopes lopez lowe lucas
lynch lyons macdonald mackenzie mackie maclean macleod mahmood mahmud malik mann manning marsh marshall martin
martinez martins mason matthews maxwell may mazur mbeki mccarthy mcdonald mcgrath mcgregor mcintyre mckay
mckenna mckenzie mclaughlin mclean mcmahon mcmillan mehmood mehta mellor mendes mendoza mensah metcalfe miah
michalak middleton miller mills mirza mistry mitchell modi moffat mohamed mohammed moore moran moreno morgan
morris morrison morton moss muhammad muir mukherjee mullen munro murphy murray mustafa myers nair nash naylor
ncube ndlovu nelson newman newton nguyen nicholls nicholson nicolaou nielsen nkosi noble nolan norman norris
norton novak nowak nowakowski nunes obi oconnor odonnell okafor okeefe okeke okonkwo olajide oliver oneill
osborne osei osman osullivan owen owens owusu page palmer parker parkin parkinson parry parsons patel paterson
patterson pawlak payne peacock pearce pearson pedersen pereira perera perez perkins perry peters petrov phillips
pickering pietrzak piotrowski placeholder pollard poole popa pope popescu popov porter potter powell power pratt
preston price pritchard pugh qureshi rafiq rahman raja raman ramos randall rao rashid reddy rees reeves reid
reynolds rhodes rice richards richardson riley ritchie roberts robertson robinson robson rodrigues rodriguez
rogers rose rosen ross rossi rowe rowley roy russell russo ryan saeed sahota saleem sanchez sanders sanderson
sandhu santos saunders savage schmidt schofield scott sesay shah shaikh sharif sharma sharp sharpe shaw sheikh
shepherd sheppard short siddiqui sidhu silva simmons simpson sims sinclair singh sisay skinner slater small
smart smith sokolowski spencer stanley steele stephens stephenson stevens stevenson stewart stokes stone stuart
sullivan summers sutherland sutton swift syed szczepanski szymanska szymanski taylor teixeira thakur thomas
thompson thomson thorne thornton thorpe todd townsend tucker turnbull turner tyler uddin ullah underwood usman
varma vaughan verma vincent wade wagner walker wallace wallis walsh walters walton wang ward wardle warner
warren warsame waters watkins watson watts weaver webb webster weiss welch wells west weston wheeler whitaker
white whitehead whitehouse whittaker whittle wicks wieczorek wilkins wilkinson williams williamson willis wilson
winter wisniewska wisniewski wojcik wolf wong wood woods woodward wozniak wright wu wyatt xu yadav yang yates
yilmaz young yusuf zafar zaman zhang zielinska zielinski zulu
";

/// Surnames that are colours, places and common words as well: they name nobody by themselves.
#[rustfmt::skip]
const SURNAMES_DOUBTFUL: &str = "
ashton austin baker barber barton bell berry bird bishop black blackburn bond booth briggs brooks brown burns
burton butcher butler carpenter chambers chandler clayton cole cook cooper costa cross da dale das day dean dyer
field finch fisher ford forster foster fowler fox freeman french frost gardner george gill glover grant gray
green grey hale hall hamilton hardy hart heath hill hilton holland holt hope houghton hunt hunter hurst hyde
ireland islam jordan kay kim king kirby kirk knight lamb lane lawrence lee lin little long lowe lucas mann marsh
marshall martin mason may middleton miller mills moss noble norton page palmer parker peacock pope porter potter
power preston price rice rose ross rowe roy savage scott sharp shepherd short skinner slater small smart spencer
stanley stone summers sutton swift taylor thornton thorpe todd turner tyler underwood wade walker walton ward
warren waters wells west weston wheeler white winter wolf wood woods wright young
";

/// What follows or is part of a name of a place or an organisation, never of a person's.
#[rustfmt::skip]
const THINGS: &str = "
academy aid alliance area arms association authority avenue baptist barn block board bridge building burglary
business care castle cathedral catholic centre chapel charity children church churches class clinic close club
college common community company constabulary corner cottage cottages council county court crescent crime crown
department district downs drive east end estate families family farm fc fields fire football force forest
foundation friends garden gardens gate grammar group grove hall health heights high hill hospital hostel hotel
house housing inn institute junction junior lane library limited llp lodge ltd market meadow meadows methodist
mews mill ministries mosque museum nhs north nursery office offices parade parish park partners partnership
pharmacy place plc police practice primary prison project pub recreation region residential resource rise river
road row rugby school secondary service services shelter shop sixth social society solicitors south sports
square stadium station store street support surgery team temple terrace theatre total town trading training
trust unit university valley view villa village walk ward way west wing wood woods works yard youth
";

static GIVEN_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(GIVEN));
static DOUBTFUL_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(GIVEN_DOUBTFUL));
static FAMILY_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(SURNAMES));
static DOUBTFUL_FAMILY_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(SURNAMES_DOUBTFUL));
static THING_WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(THINGS));

fn sorted(list: &'static str) -> Vec<&'static str> {
    let mut words: Vec<&str> = list.split_whitespace().collect();
    words.sort_unstable();
    words
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// How surely a text names a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// It does not, as far as anybody can tell.
    Nobody,
    /// One word that is a name: a column full of them is a list of people.
    OneName,
    /// It reads like a person's name, but may be a place or an organisation.
    Perhaps,
    /// A title that may be another word as well: `Dr Smith` may be a practice, `MS` a company.
    Titled,
    /// A given name and a surname, or `Mrs` and a name.
    Somebody,
}

struct Word {
    folded: String,
    capitalised: bool,
    initial: bool,
}

/// How surely a text names a person, as a whole or somewhere inside.
pub(super) fn named(text: &str) -> Named {
    const TEXT_BYTES_MAX: usize = 4000;
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    // A reference number is one word with a digit in it.
    let reference = !text.contains([' ', ',']) && text.bytes().any(|byte| byte.is_ascii_digit());
    if reference || !text.contains(char::is_alphabetic) {
        return Named::Nobody;
    }
    let (words, letters_only) = words(text);
    if words.iter().all(|word| !word.capitalised) && words.len() > 3 {
        return Named::Nobody;
    }
    let titled = match title(text) {
        Some(Title::Sure) => return Named::Somebody,
        Some(Title::Doubtful) => Named::Titled,
        None => Named::Nobody,
    };
    let whole = letters_only && words.len() <= 4;
    let inside = segments(text).map(|segment| full_name(segment, whole)).max();
    let titled = titled.max(inside.unwrap_or(Named::Nobody));
    if whole { titled.max(whole_name(&words, text.contains(','))) } else { titled }
}

/// The parts of a text that belong together: `Jane Smith (Kent Police)` has two.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    text.split(['(', ')', '[', ']', ',', ';', ':', '/', '\n', '–', '—', '|'])
}

/// Whether a part of a text holds a full name, or is the name of an organisation with one in it.
fn full_name(segment: &str, whole: bool) -> Named {
    let (words, _) = words(segment);
    if !(0..words.len()).any(|at| is_full_name(&words, at, whole)) {
        return Named::Nobody;
    }
    let small = ["and", "of", "the", "for", "in"];
    let is_title = |word: &Word| word.capitalised || small.contains(&word.folded.as_str());
    let organisation = words.len() > 2
        && words.iter().all(is_title)
        && words.iter().skip(2).any(|word| is_in(&THING_WORDS, &word.folded));
    match (organisation, words.first().is_some_and(|first| first.folded == "the")) {
        (true, true) => Named::Nobody,
        (true, false) => Named::Perhaps,
        (false, _) => Named::Somebody,
    }
}

/// Whether a given name stands at `at` with its surname behind it.
fn is_full_name(words: &[Word], at: usize, whole: bool) -> bool {
    let [given, rest @ ..] = &words[at..] else { return false };
    // `On or near Hazel Shaw` is a street.
    let place = ["near", "off", "at", "along", "opposite", "behind", "outside"];
    let after = |before: &Word| is_saint(before) || place.contains(&before.folded.as_str());
    if !is_in(&GIVEN_NAMES, &given.folded) || at > 0 && after(&words[at - 1]) {
        return false;
    }
    let middle = rest.iter().take(2).take_while(|word| {
        word.initial || is_in(&GIVEN_NAMES, &word.folded) && !is_in(&FAMILY_NAMES, &word.folded)
    });
    let skipped = middle.count();
    let Some(family) = rest.get(skipped) else { return false };
    let written = given.capitalised && family.capitalised || whole;
    let thing = rest.get(skipped + 1).is_some_and(|next| is_in(&THING_WORDS, &next.folded));
    // `Albert Hall` may be either.
    let doubtful = is_in(&THING_WORDS, &family.folded);
    written && !thing && !doubtful && is_family(&family.folded)
}

/// What a short text is as a whole, where no full name is known.
fn whole_name(words: &[Word], comma: bool) -> Named {
    let is_place = |word: &Word| {
        is_in(&THING_WORDS, &word.folded) && !is_in(&FAMILY_NAMES, &word.folded) || is_saint(word)
    };
    if words.iter().any(is_place) {
        return Named::Nobody;
    }
    let surely_family =
        |word: &Word| is_family(&word.folded) && !is_in(&DOUBTFUL_FAMILY_NAMES, &word.folded);
    match words {
        [one] => {
            let known = is_in(&GIVEN_NAMES, &one.folded) || surely_family(one);
            if known { Named::OneName } else { Named::Nobody }
        }
        // `Smith, Jane`; `West Lindsey` is a district.
        [family, given]
            if comma && is_family(&family.folded) && is_in(&GIVEN_NAMES, &given.folded) =>
        {
            Named::Somebody
        }
        // `Oyelaran, Susan`
        [family, given]
            if comma
                && family.capitalised
                && given.capitalised
                && is_in(&GIVEN_NAMES, &given.folded) =>
        {
            Named::Perhaps
        }
        [first, .., last] => {
            let capitalised = words.iter().all(|word| word.capitalised);
            let with_initial = first.initial && surely_family(last)
                || last.initial && surely_family(first)
                || last.initial && is_in(&GIVEN_NAMES, &first.folded);
            let given = is_in(&GIVEN_NAMES, &first.folded)
                || is_in(&DOUBTFUL_NAMES, &first.folded) && surely_family(last);
            let given_last = is_in(&GIVEN_NAMES, &last.folded) && surely_family(first);
            let name = capitalised && (with_initial || given || given_last);
            if name { Named::Perhaps } else { Named::Nobody }
        }
        [] => Named::Nobody,
    }
}

/// Whether the name of a sheet has a given name in it, and no word of a place or an organisation.
pub(super) fn is_of_somebody(sheet: &str) -> bool {
    let (words, _) = words(sheet);
    words.iter().any(|word| is_in(&GIVEN_NAMES, &word.folded))
        && !words.iter().any(|word| is_in(&THING_WORDS, &word.folded) || is_saint(word))
}

/// Whether a text holds a word that is a name of people: not to be repeated anywhere.
pub(super) fn holds_a_name(text: &str) -> bool {
    let (words, _) = words(text);
    words.iter().any(|word| {
        let surname = is_family(&word.folded) && !is_in(&DOUBTFUL_FAMILY_NAMES, &word.folded);
        is_in(&GIVEN_NAMES, &word.folded) || surname
    })
}

/// Whether a word belongs to a place or an organisation.
pub(super) fn is_thing(word: &str) -> bool {
    is_in(&THING_WORDS, &folded_word(word))
}

fn is_saint(word: &Word) -> bool {
    matches!(word.folded.as_str(), "st" | "saint")
}

/// Double-barrelled ones by either half.
fn is_family(folded: &str) -> bool {
    is_in(&FAMILY_NAMES, folded) || folded.split('-').any(|part| is_in(&FAMILY_NAMES, part))
}

/// The words of a text, and whether it holds letters and the marks of names alone.
fn words(text: &str) -> (Vec<Word>, bool) {
    const WORDS_MAX: usize = 400;
    let mut letters_only = true;
    let mut words = Vec::new();
    let separators = |c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-'));
    for piece in text.split(separators).filter(|piece| !piece.is_empty()).take(WORDS_MAX) {
        let bare = piece.trim_matches(['\'', '’', '-']);
        let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
        if bare.is_empty() {
            continue;
        }
        letters_only &= bare.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'));
        words.push(Word {
            folded: folded_word(bare),
            capitalised: bare.starts_with(char::is_uppercase),
            initial: bare.chars().count() == 1 && bare.starts_with(char::is_alphabetic),
        });
    }
    letters_only &= text.chars().all(|c| {
        c.is_alphabetic() || c.is_whitespace() || matches!(c, '\'' | '’' | '-' | '.' | ',')
    });
    (words, letters_only)
}

/// Lower case without accents and apostrophes.
fn folded_word(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '\'' | '’'))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' | 'ă' => 'a',
            'ç' | 'ć' | 'č' => 'c',
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
            'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
            'ł' => 'l',
            'ñ' | 'ń' => 'n',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
            'ś' | 'š' | 'ş' | 'ș' => 's',
            'ț' | 'ţ' => 't',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ý' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            other => other,
        })
        .collect()
}

/// Given names and surnames as listed, for tests that plant people.
#[cfg(test)]
pub(super) fn listed() -> (Vec<&'static str>, Vec<&'static str>) {
    (GIVEN_NAMES.clone(), FAMILY_NAMES.clone())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const CASES: &[&str] = &[
        "Jane Smith",
        "SMITH, Jane",
        "jane smith",
        "Mohammed A. Khan",
        "Łukasz Wiśniewski",
        "Oliwia Przybylska-Wrona",
        "J. Patel",
        "Patel J",
        "Siobhán O'Neill",
        "Mark Thompson",
        "Khan",
        "Zofia",
        "spoke to Sarah Green about the noise",
        "Mrs Jones rang twice",
        "Sarah Green Road",
        "Grant Thornton",
        "St Mary Cray",
        "Victoria Park",
        "Hate Crime",
        "Tonbridge and Malling",
        "Kings Hill",
        "Oxford Street",
        "Catherine House",
        "Edward Jenner Unit",
        "April May",
        "Burglary",
        "Kent Police",
        "On or near Alison Close",
        "Community Safety Manager",
        "Paddock Wood",
        "West Lindsey",
        "On or near Hazel Shaw",
        "The Robert Jones and Agnes Hunt Orthopaedic Hospital",
        "Jane Smith (Kent Police)",
        "Khan Aisha",
    ];

    #[test]
    fn people_are_told_from_places_and_organisations() {
        let mut told = String::new();
        for text in CASES {
            writeln!(told, "{text}: {:?}", named(text)).expect("to a string");
        }
        insta::assert_snapshot!(told, @"
        Jane Smith: Somebody
        SMITH, Jane: Somebody
        jane smith: Somebody
        Mohammed A. Khan: Somebody
        Łukasz Wiśniewski: Somebody
        Oliwia Przybylska-Wrona: Perhaps
        J. Patel: Perhaps
        Patel J: Perhaps
        Siobhán O'Neill: Somebody
        Mark Thompson: Perhaps
        Khan: OneName
        Zofia: OneName
        spoke to Sarah Green about the noise: Somebody
        Mrs Jones rang twice: Somebody
        Sarah Green Road: Nobody
        Grant Thornton: Nobody
        St Mary Cray: Nobody
        Victoria Park: Nobody
        Hate Crime: Nobody
        Tonbridge and Malling: Nobody
        Kings Hill: Nobody
        Oxford Street: Nobody
        Catherine House: Nobody
        Edward Jenner Unit: Nobody
        April May: Nobody
        Burglary: Nobody
        Kent Police: Nobody
        On or near Alison Close: Nobody
        Community Safety Manager: Nobody
        Paddock Wood: Nobody
        West Lindsey: Nobody
        On or near Hazel Shaw: Nobody
        The Robert Jones and Agnes Hunt Orthopaedic Hospital: Nobody
        Jane Smith (Kent Police): Somebody
        Khan Aisha: Perhaps
        ");
    }

    #[test]
    fn the_lists_hold_each_name_once_and_folded() {
        let (given, family) = listed();
        assert!(given.len() >= 700 && family.len() >= 600, "{} {}", given.len(), family.len());
        for name in given.iter().chain(&family) {
            assert_eq!(*name, folded_word(name), "{name}");
        }
        for name in given {
            assert!(!is_in(&THING_WORDS, name) && !is_in(&DOUBTFUL_NAMES, name), "{name}");
        }
    }
}
